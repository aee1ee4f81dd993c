#!/usr/bin/env node
import { entries } from './unsynced.js'
await entries.terminal()
