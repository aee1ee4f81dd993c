import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { git } from '../test/helpers/git.ts'
import { CHANGES, type Files, type Project } from './projects.ts'

function write(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

/** Branch of a change in the repository that `makeRepository` makes. */
export const branchOf = (change: string) => change.replaceAll(' ', '-')

/**
 * A repository with the project on `main`, and one branch for each change that it can have.
 *
 * @returns the changes that it has
 */
export async function makeRepository(folder: string, project: Project): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true })
  await git(folder, ['init', '--quiet', '--initial-branch=main'])
  // It would start by itself after a commit of many files, and still run beside what is measured.
  await git(folder, ['config', 'gc.auto', '0'])
  write(folder, project.files)
  const commit = async (message: string) => {
    await git(folder, ['add', '--all'])
    await git(folder, ['commit', '--quiet', '--allow-empty', '--message', message])
  }
  await commit('Warehouse')
  // As a clone has it.
  await git(folder, ['gc', '--quiet'])
  const made: string[] = []
  for (const [name, change] of Object.entries(CHANGES)) {
    const files = change(project)
    if (files === null) continue
    await git(folder, ['checkout', '--quiet', '-b', branchOf(name), 'main'])
    write(folder, files)
    await commit(name)
    made.push(name)
  }
  await git(folder, ['checkout', '--quiet', 'main'])
  return made
}
