/**
 * `npm run build [-- FOLDER]`: bundles src/ into dist/, which is committed because GitHub runs it as
 * it is. The same sources and lock file give the same bytes; `npm run check` holds dist/ to that.
 *
 * - index.js, cli.js: the action and the terminal command, two lines each
 * - unsynced.js: what both run; beside it the chunks, if something is imported when it is first needed
 * - page.js, page.css: the HTML report's
 * - licenses.txt: of every package that is in one of them
 */
import { execFile } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { licenseProblems } from './checkPackages.mjs'
import { ensureDependencies, nodeBinary, root } from './dependencies.mjs'

const run = promisify(execFile)

/**
 * One module with all that it imports, from ncc. Not minified, so that a reviewer can read it; it starts
 * in 0.15 s all the same. TypeScript stays on 6.0: version 7 crashes ncc 0.45's loader.
 *
 * @param source the module
 * @param folder where ncc writes
 * @param name of the one file
 * @returns the files by their names, and the licences of the packages in them
 */
async function bundle(source, folder, name) {
  const ncc = join(root, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js')
  const stats = `${folder}.json`
  const written = ['--out', folder, '--license', LICENSES, '--stats-out', stats]
  const args = [ncc, 'build', join(root, source), ...written, '--no-cache', '--quiet']
  await run(nodeBinary, args, { cwd: root }).catch(({ stdout, stderr }) => {
    const findings = `${stdout}${stderr}`.replaceAll(/^ {4}at .*\n/gm, '').trim()
    throw new Error(`ncc could not bundle ${source}\n${findings}`)
  })
  const found = join(folder, LICENSES)
  const licenses = existsSync(found) ? readFileSync(found, 'utf8') : ''
  const problems = licenseProblems(packagesIn(JSON.parse(readFileSync(stats, 'utf8'))), licenses)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  const files = readdirSync(folder).filter((file) => ![LICENSES, 'package.json'].includes(file))
  const nameOf = (file) => (file === `index${extname(source)}` ? name : file)
  return { files: files.map((file) => [nameOf(file), join(folder, file)]), licenses }
}

const LICENSES = 'licenses.txt'

/** Names of the packages that a bundle has a module of, as webpack tells it. */
function packagesIn(stats) {
  const filesIn = ({ nameForCondition, modules = [] }) => [
    nameForCondition ?? '',
    ...modules.flatMap(filesIn),
  ]
  const files = stats.modules.filter(({ orphan }) => !orphan).flatMap(filesIn)
  const names = files.map((file) => /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1])
  return [...new Set(names)].filter((name) => name !== undefined)
}

/** Runs one of the two entries (entries.mjs). */
const start = (entry) => `import { entries } from './unsynced.js'\nawait entries.${entry}()\n`

/** Builds everything into `output`, whose earlier content goes only once the build has succeeded. */
export async function build(output) {
  const folder = mkdtempSync(join(tmpdir(), 'unsynced-build-'))
  try {
    const page = 'src/report/html/browser'
    const bundles = await Promise.all([
      bundle('scripts/entries.mjs', join(folder, 'unsynced'), 'unsynced.js'),
      bundle(`${page}/page.js`, join(folder, 'page'), 'page.js'),
    ])
    rmSync(output, { recursive: true, force: true })
    mkdirSync(output, { recursive: true })
    for (const [name, file] of bundles.flatMap(({ files }) => files)) {
      copyFileSync(file, join(output, name))
    }
    copyFileSync(join(root, page, 'page.css'), join(output, 'page.css'))
    writeFileSync(join(output, 'index.js'), start('action'))
    writeFileSync(join(output, 'cli.js'), `#!/usr/bin/env node\n${start('terminal')}`)
    chmodSync(join(output, 'cli.js'), 0o755)
    // Without it Node takes the bundles for CommonJS where dist/ is used apart from this repository.
    writeFileSync(join(output, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`)
    writeFileSync(join(output, LICENSES), bundles.map(({ licenses }) => licenses).join(''))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A mistyped folder must not lose its files. */
function refuseForeignFolder(output) {
  if (!existsSync(output) || readdirSync(output).length === 0) return
  if (existsSync(join(output, 'index.js'))) return
  throw new Error(`${output} is neither empty nor an earlier build. Nothing was written.`)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const output = resolve(process.argv[2] ?? join(root, 'dist'))
  try {
    refuseForeignFolder(output)
    ensureDependencies()
    await build(output)
    for (const file of readdirSync(output)) console.log(join(output, file))
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
