/**
 * `npm run build [-- FOLDER]`: bundles src/ into dist/, which is committed because GitHub runs it as
 * it is. The same sources and lock file give the same bytes; `npm run check` holds dist/ to that.
 *
 * - index.js: the action
 * - cli.js: the terminal command
 * - report*.js, report.css: what the HTML report is made of
 * - licenses.txt: of the packages that the two bundles may contain
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
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { ensureDependencies, nodeBinary, root } from './dependencies.mjs'

const run = promisify(execFile)

/**
 * One entry point as one ECMAScript module, from ncc. Not minified, so that a reviewer can read it;
 * it starts in 0.15 s all the same. TypeScript stays on 6.0: version 7 crashes ncc 0.45's loader.
 */
async function bundle(entry, folder) {
  const ncc = join(root, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js')
  const source = join(root, 'src', entry)
  const args = [ncc, 'build', source, '--out', folder, '--no-cache', '--quiet']
  await run(nodeBinary, args, { cwd: root }).catch(({ stdout, stderr }) => {
    const findings = `${stdout}${stderr}`.replaceAll(/^ {4}at .*\n/gm, '').trim()
    throw new Error(`ncc could not bundle src/${entry}\n${findings}`)
  })
  const extra = readdirSync(folder).filter((file) => !['index.js', 'package.json'].includes(file))
  if (extra.length > 0) {
    throw new Error(
      `src/${entry}: a bundle is one file, but ncc also wrote ${extra.join(', ')} (a dynamic import?)`,
    )
  }
  return readFileSync(join(folder, 'index.js'), 'utf8')
}

/** Every file of src/ that is no TypeScript; they lie beside the bundle as they lie beside the source that reads them. */
function filesAsTheyAre() {
  const files = readdirSync(join(root, 'src'), { recursive: true }).filter((file) =>
    /\.(js|css)$/.test(file),
  )
  const names = files.map((file) => basename(file))
  if (new Set(names).size !== names.length)
    throw new Error(`Two files of src/ share a name: ${names}`)
  return files.sort().map((file) => join(root, 'src', file))
}

/** The license texts of all packages that are not only for development. */
function licenses() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const shipped = Object.keys(packages).filter((path) => path !== '' && !packages[path].dev)
  const texts = shipped.sort().map((path) => {
    const folder = join(root, path)
    const { name, version, license } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    )
    const file = readdirSync(folder)
      .sort()
      .find((entry) => /^(licen[cs]e|copying)/i.test(entry))
    const text = file
      ? readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()
      : ''
    return `${name} ${version}\n${license}\n\n${text}`.trim()
  })
  return `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

/** Builds everything into `output`, whose earlier content goes only once the build has succeeded. */
export async function build(output) {
  const folder = mkdtempSync(join(tmpdir(), 'unsynced-build-'))
  try {
    const [action, cli] = await Promise.all([
      bundle('main.ts', join(folder, 'main')),
      bundle('cli.ts', join(folder, 'cli')),
    ])
    rmSync(output, { recursive: true, force: true })
    mkdirSync(output, { recursive: true })
    writeFileSync(join(output, 'index.js'), action)
    writeFileSync(
      join(output, 'cli.js'),
      cli.startsWith('#!') ? cli : `#!/usr/bin/env node\n${cli}`,
    )
    chmodSync(join(output, 'cli.js'), 0o755)
    // Without it Node takes the bundles for CommonJS where dist/ is used apart from this repository.
    writeFileSync(join(output, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`)
    writeFileSync(join(output, 'licenses.txt'), licenses())
    for (const file of filesAsTheyAre()) copyFileSync(file, join(output, basename(file)))
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
