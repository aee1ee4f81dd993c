/**
 * `npm run release -- X.Y.Z`: makes the commit and the annotated tag of a version, and pushes nothing.
 *
 * All work is done in a clone beside, so that what is not in a commit can have no part in it, and this
 * repository changes only once everything has passed: the bundle is what the sources build, and CI is
 * green. `--ci-passed` says that CI has passed already, instead of running `.ci/run` here.
 *
 * Runs on Node's own modules alone, like every script that may be the first to run in a clone.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const root = join(import.meta.dirname, '..')
const BRANCH = 'main'
const USAGE = 'Usage: npm run release -- X.Y.Z [--ci-passed]'

/** A step that was refused; the message says what to do. */
const refusal = (problem, advice) => new Error(`${problem}\n${advice}`)

/** @returns what it printed, without the last line's end */
function git(folder, ...args) {
  const { status, stdout, stderr, error } = spawnSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
  })
  if (error) throw error
  if (status !== 0) throw new Error(`\`git ${args.join(' ')}\` failed:\n${stderr.trim()}`)
  return stdout.trimEnd()
}

/** Runs a command whose output is for the reader. */
function passes(folder, command, args) {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' })
  if (error) throw error
  return status === 0
}

const numbers = (version) => version.split('.').map(Number)

function isOlder(version, than) {
  const [a, b] = [numbers(version), numbers(than)]
  const at = a.findIndex((number, index) => number !== b[index])
  return at !== -1 && a[at] < b[at]
}

function readArguments(line) {
  const { values, positionals } = parseArgs({
    args: line,
    allowPositionals: true,
    options: { 'ci-passed': { type: 'boolean', default: false } },
  })
  const [version = '', ...rest] = positionals
  if (rest.length > 0 || !/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/.test(version)) throw new Error(USAGE)
  return { version, ciPassed: values['ci-passed'] }
}

function checkRepository(version) {
  if (git(root, 'status', '--porcelain') !== '') {
    throw refusal('There are changes that are in no commit.', 'Commit them, or take them away.')
  }
  const branch = git(root, 'branch', '--show-current')
  if (branch !== BRANCH) {
    throw refusal(`The branch is ${branch || 'none'}.`, `Release from ${BRANCH}.`)
  }
  if (git(root, 'tag', '--list', `v${version}`) !== '') {
    throw refusal(`There is a tag v${version}, and tags are never moved.`, 'Take the next version.')
  }
  const { version: current } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (isOlder(version, current)) {
    throw refusal(`${version} is older than ${current}.`, 'Only the newest version gets releases.')
  }
}

/** Gives the section of what is unreleased the version as its name, below a new one. */
function released(changelog, version, date) {
  const [, before, section] = /^([\s\S]*?^## Unreleased\n)([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(
    changelog,
  ) ?? [undefined, '', '']
  if (section.trim() === '') {
    throw refusal('CHANGELOG.md says nothing under `## Unreleased`.', 'Say what users get.')
  }
  return `${before}\n## ${version} (${date})\n${changelog.slice(before.length)}`
}

/** Writes the version wherever it is named: the packages, the changelog, and every workflow to paste. */
function nameVersion(clone, version, date) {
  const edit = (file, change) => {
    const path = join(clone, file)
    writeFileSync(path, change(readFileSync(path, 'utf8')))
  }
  const ofPackage = (text) => text.replace(/("version": ")[^"]+/, `$1${version}`)
  edit('package.json', ofPackage)
  edit('package-lock.json', (text) => {
    const lock = JSON.parse(text)
    lock.version = version
    lock.packages[''].version = version
    return `${JSON.stringify(lock, null, 2)}\n`
  })
  edit('CHANGELOG.md', (text) => released(text, version, date))
  const naming = git(clone, 'grep', '-lE', '@v[0-9]+\\.[0-9]+\\.[0-9]+', '--', '*.md', '*.yml')
  for (const file of naming.split('\n')) {
    edit(file, (text) => text.replaceAll(/(\/unsynced@v)\d+\.\d+\.\d+/g, `$1${version}`))
  }
}

/** GitHub runs the committed bundle, so it has to be what a clean clone builds. */
function checkBundle(clone) {
  if (!passes(clone, 'npm', ['run', '--silent', 'build'])) throw new Error('The build failed.')
  const stale = git(clone, 'status', '--porcelain', '--', 'dist')
  if (stale === '') return
  throw refusal(
    `dist/ is not what a clean clone builds:\n${stale}`,
    'Run `npm run build` and commit it.',
  )
}

function checkCi(clone) {
  if (passes(clone, join(clone, '.ci', 'run'), [])) return
  throw refusal('CI is red.', 'Mend it first.')
}

/** The commit and the tag, made in the clone with this repository's name for its author. */
function commit(clone, version) {
  for (const name of ['user.name', 'user.email']) {
    git(clone, 'config', name, git(root, 'config', name))
  }
  git(clone, 'commit', '--quiet', '--all', '--message', `Release ${version}`)
  git(clone, 'tag', '--annotate', `v${version}`, '--message', `Unsynced ${version}`)
}

function release({ version, ciPassed }) {
  checkRepository(version)
  const clone = mkdtempSync(join(tmpdir(), 'unsynced-release-'))
  try {
    // Without --no-local the objects would be shared, and a damaged one would not be noticed.
    git(root, 'clone', '--quiet', '--no-local', '--branch', BRANCH, root, clone)
    nameVersion(clone, version, new Date().toISOString().slice(0, 10))
    checkBundle(clone)
    if (!ciPassed) checkCi(clone)
    commit(clone, version)
    git(root, 'fetch', '--quiet', '--no-tags', clone, BRANCH)
    git(root, 'merge', '--quiet', '--ff-only', 'FETCH_HEAD')
    git(root, 'fetch', '--quiet', '--no-tags', clone, `refs/tags/v${version}:refs/tags/v${version}`)
  } finally {
    rmSync(clone, { recursive: true, force: true })
  }
  console.log(`
${ciPassed ? 'CI was not run here: you said that it has passed.' : 'CI has passed.'}
v${version} is commit ${git(root, 'rev-parse', '--short', 'HEAD')}. Nothing was pushed. To look at it, and to release it:

  git show v${version}
  git push --atomic origin ${BRANCH} v${version}

The tag starts .github/workflows/release.yml, which waits for a reviewer. To take it back before the push:

  git tag --delete v${version} && git reset --keep HEAD~1`)
}

try {
  release(readArguments(process.argv.slice(2)))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
