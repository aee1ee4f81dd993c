import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'

const CACHE = resolve(import.meta.dirname, '..', '.cache', 'chromium')

/**
 * A Chromium to draw with: the one that is named, or the one that comes with the development
 * dependencies, unpacked once into .cache. It exists for Linux on x64; elsewhere one has to be named.
 *
 * @param named a program, or '' for none
 * @throws Error when there is none for this machine
 */
export async function chromium(named: string): Promise<string> {
  if (named !== '') return named
  if (!comesAlong()) {
    throw new Error(
      `The Chromium of the development dependencies does not run on ${process.platform} ${process.arch}. ` +
        'Name one: --browser PROGRAM, or UNSYNCED_BROWSER=PROGRAM for tests.',
    )
  }
  mkdirSync(CACHE, { recursive: true })
  const usual = process.env['TMPDIR']
  // The package unpacks into the folder for temporary files, where a name that is foreseen is not safe.
  process.env['TMPDIR'] = CACHE
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    return await packed.executablePath()
  } finally {
    if (usual === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = usual
  }
}

/** Whether the development dependencies hold a Chromium for this machine. */
export function comesAlong(): boolean {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false
  return existsSync(createRequire(import.meta.url).resolve('@sparticuz/chromium'))
}
