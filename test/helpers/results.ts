import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './actionFile.ts'

/** Keeps what a test counted, for the table in docs/evidence that is made of it (`npm run verification`). */
export function recordResult(name: string, result: object): void {
  const folder = join(root, '.cache', 'results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
}
