import { LONG } from './long.ts'

/** Versions of SQLMesh of every generation of the hash, and what they need beside them. */
export const everyVersion: readonly (readonly [string, ...string[]])[] = [
  ['0.170.0', 'dateparser<1.3'],
  ['0.188.0', 'dateparser<1.3'],
  ['0.200.0', 'dateparser<1.3'],
  ['0.212.0'],
  ['0.213.0'],
  ['0.222.0'],
  ['0.230.0'],
  ['0.236.4'],
]

/** The oldest, both sides of where the hash became one of the text, and the newest. */
const DECISIVE = ['0.170.0', '0.212.0', '0.213.0', '0.236.4']

/** Those that are tested everyday, or all. */
export const versions = everyVersion.filter(([version]) => LONG || DECISIVE.includes(version))
