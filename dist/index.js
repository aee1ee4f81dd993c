import { entries } from './unsynced.js'
await entries.action()
