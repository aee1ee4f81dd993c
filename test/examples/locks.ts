import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../helpers/actionFile.ts'
import type { Files } from '../helpers/project.ts'

const run = promisify(execFile)
const places = join(root, '.cache', 'locks')

/**
 * A pyproject.toml and its lock file, which the tool makes on first use; then it is kept in .cache,
 * because a lock names the package index of the machine that made it.
 *
 * @param command such as `uv lock`, for the folder with the file
 */
export async function locked(
  pyproject: string,
  lockFile: string,
  command: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<Files> {
  const key = createHash('sha256').update(`${command}\n${pyproject}`).digest('hex').slice(0, 16)
  const place = join(places, `${lockFile}-${key}`)
  if (!existsSync(place)) await make(place)
  return { 'pyproject.toml': pyproject, [lockFile]: await readFile(place, 'utf8') }

  async function make(place: string): Promise<void> {
    await mkdir(places, { recursive: true })
    const folder = await mkdtemp(join(places, 'making-'))
    try {
      await writeFile(join(folder, 'pyproject.toml'), pyproject)
      const [program, ...args] = command
      await run(program, args, { cwd: folder, env: { ...process.env, ...env } })
      await rename(join(folder, lockFile), place)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}
