import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CHANGES, type Files, type Project } from './projects.ts'

const ENVIRONMENT = {
  PATH: process.env['PATH'],
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Alice',
  GIT_AUTHOR_EMAIL: 'alice@example.com',
  GIT_COMMITTER_NAME: 'Alice',
  GIT_COMMITTER_EMAIL: 'alice@example.com',
}

function git(folder: string, args: readonly string[]): void {
  execFileSync('git', ['-C', folder, ...args], { env: ENVIRONMENT, stdio: 'ignore' })
}

export function write(folder: string, files: Files): void {
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
export function makeRepository(folder: string, project: Project): readonly string[] {
  mkdirSync(folder, { recursive: true })
  git(folder, ['init', '--quiet', '--initial-branch=main'])
  write(folder, project.files)
  const commit = (message: string) => {
    git(folder, ['add', '--all'])
    git(folder, ['commit', '--quiet', '--allow-empty', '--message', message])
  }
  commit('Warehouse')
  // As a clone has it.
  git(folder, ['gc', '--quiet'])
  const made: string[] = []
  for (const [name, change] of Object.entries(CHANGES)) {
    const files = change(project)
    if (files === null) continue
    git(folder, ['checkout', '--quiet', '-b', branchOf(name), 'main'])
    write(folder, files)
    commit(name)
    made.push(name)
  }
  git(folder, ['checkout', '--quiet', 'main'])
  return made
}
