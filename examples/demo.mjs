/**
 * `npm run demo`: the sample's pull request through the terminal command, on a throw-away repository
 * in `.cache/demo`. Needs git, Python 3.9 or newer, and network for the first run.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { pythonEnvironment } from './environment.mjs'
import { buildSampleRepository, SAMPLE_PROJECT } from './sample.mjs'

const root = resolve(import.meta.dirname, '..')
const cli = join(root, 'dist', 'cli.js')
const folder = join(root, '.cache', 'demo')
const repository = join(folder, 'repository')
const comment = join(folder, 'comment.md')
const report = join(folder, 'report.json')

/** @param {string} line */
const log = (line) => console.error(line)

/** @param {string} path */
const shown = (path) => relative(process.cwd(), path) || '.'

function sampleRequirements() {
  const text = readFileSync(join(root, 'examples', 'warehouse', 'requirements.txt'), 'utf8')
  return text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'))
}

/** @returns {Promise<number>} exit code: the terminal command's own */
async function demo() {
  if (!existsSync(cli)) throw new Error('dist/cli.js is missing. Make it with `npm run build`.')
  const python = await pythonEnvironment({
    name: 'sample',
    requirements: sampleRequirements(),
    log,
  })

  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  buildSampleRepository(repository)
  log(`Sample repository: ${shown(repository)}, branches main and pull-request`)

  // What the sample's definitions use is dg-sqlmesh 1.x, which leaves data versions to Dagster.
  const integration = ['--integration', 'dg-sqlmesh', '--data-version', 'dagster']
  const target = ['--repo', repository, '--project', SAMPLE_PROJECT, ...integration]
  const outputs = ['--format', 'text', '--output', comment, '--output', report]
  const args = [cli, ...target, '--python', python, ...outputs, 'main', 'pull-request']
  const { status, error } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) return status ?? 1

  console.log(`
The comment as markdown: ${shown(comment)}
The report as JSON:      ${shown(report)}

Next: see what the pull request edits with
  git -C ${shown(repository)} diff main pull-request
and how each edit gets its line above in ${shown(join(root, 'examples', 'README.md'))}.`)
  return 0
}

try {
  process.exitCode = await demo()
} catch (error) {
  log(`The demo stopped: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
