/**
 * `npm run docs`: writes the tables of inputs and outputs from action.yml into the documents that have
 * a place for them, so that each is described once. `npm run check` fails where one is stale.
 *
 * A place is what lies between `<!-- NAME: made by npm run docs -->` and `<!-- end of NAME -->`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureDependencies, root } from './dependencies.mjs'

/** What most workflows set, in the order in which one comes to it. */
const FIRST_INPUTS = ['project', 'install', 'integration', 'definitions', 'fail-on', 'dagster-url']

/** @param {readonly string[]} header @param {readonly (readonly string[])[]} rows */
function table(header, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A description may end in `Default is …`, where the default is no text that one could write. */
function inputRow([name, { description, default: value = '' }]) {
  const [, meaning, words] = /^(.*?)(?:\. Default is (.*))?$/s.exec(description.trim())
  const shown = value === '' ? (words ?? 'none') : `\`${value}\``
  return [`\`${name}\``, shown, `${meaning}.`]
}

const outputRow = ([name, { description }]) => [`\`${name}\``, `${description.trim()}.`]

/** Every table by the name of its place. */
function tables({ inputs, outputs }) {
  const missing = FIRST_INPUTS.filter((name) => !(name in inputs))
  if (missing.length > 0) throw new Error(`action.yml has no input ${missing.join(', ')}.`)
  const inputTable = (entries) => table(['Input', 'Default', 'Meaning'], entries.map(inputRow))
  return {
    inputs: inputTable(Object.entries(inputs)),
    'first inputs': inputTable(FIRST_INPUTS.map((name) => [name, inputs[name]])),
    outputs: table(['Output', 'What it holds'], Object.entries(outputs).map(outputRow)),
  }
}

/** @param {string} file for the error @param {string} text with places @param {Record<string, string>} made */
function filled(file, text, made) {
  const place = /<!-- ([\w ]+): made by npm run docs -->\n[\s\S]*?<!-- end of \1 -->/g
  const result = text.replaceAll(place, (_, name) => {
    if (!(name in made)) throw new Error(`${file}: there is no table named ${name}.`)
    return `<!-- ${name}: made by npm run docs -->\n${made[name]}\n<!-- end of ${name} -->`
  })
  // A place without an end, or with a mistyped one, would silently stay as it is.
  if (/made by npm run docs -->/.test(result.replaceAll(place, ''))) {
    throw new Error(`${file}: a place has no end.`)
  }
  return result
}

/** Documents, with what they say and what they should. */
export async function documents() {
  const { parse } = await import('yaml')
  const made = tables(parse(readFileSync(join(root, 'action.yml'), 'utf8')))
  const pages = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'))
  return ['README.md', ...pages.map((page) => `docs/${page}`)].map((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return { file, text, wanted: filled(file, text, made) }
  })
}

// `node -e` has no script, and imports this for `documents`.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    ensureDependencies()
    for (const { file, text, wanted } of await documents()) {
      if (text === wanted) continue
      writeFileSync(join(root, file), wanted)
      console.log(file)
    }
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
