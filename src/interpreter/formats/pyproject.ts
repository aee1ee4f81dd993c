import { type Contents, contents, joined, normalized } from './fileContents.ts'
import { at, entries, isTable, items, type Table, textAt, tomlTable } from './parseDocuments.ts'
import { readPoetry, sourceText } from './poetry.ts'
import { requirement } from './requirement.ts'

/** pyproject.toml: the standard's own tables (PEP 621, PEP 735), and those of the tools that install from it. */
export function readPyproject(text: string): Contents {
  const document = tomlTable(text)
  const tool = (...keys: readonly string[]) => at(document, 'tool', ...keys)
  const uv = tool('uv')
  const poetry = tool('poetry')
  return joined([
    requirements(at(document, 'project', 'dependencies'), 'project.dependencies'),
    ...lists(at(document, 'project', 'optional-dependencies'), 'project.optional-dependencies'),
    ...lists(at(document, 'dependency-groups'), 'dependency-groups'),
    ...lists(tool('pdm', 'dev-dependencies'), 'tool.pdm.dev-dependencies'),
    ...readHatch(tool('hatch')),
    isTable(uv) ? readUv(uv) : contents({}),
    isTable(poetry) ? readPoetry(poetry) : contents({}),
    readDynamic(document),
  ])
}

/** hatch.toml. */
export function readHatchFile(text: string): Contents {
  return joined(readHatch(tomlTable(text)))
}

/** uv.toml, and `[tool.uv]`. */
export function readUvFile(text: string): Contents {
  return readUv(tomlTable(text))
}

function readUv(uv: Table): Contents {
  const keys = ['dev-dependencies', 'constraint-dependencies', 'override-dependencies']
  return joined([
    ...keys.map((key) => requirements(uv[key], `tool.uv.${key}`)),
    ...entries(uv['sources'], 'tool.uv.sources').map(([name, source]) => readSource(name, source)),
  ])
}

/** uv's word on where a package comes from goes before the version that is written elsewhere. */
function readSource(written: string, value: unknown): Contents {
  if (Array.isArray(value)) return joined(value.map((one) => readSource(written, one)))
  if (!isTable(value)) return contents({ unread: `\`tool.uv.sources.${written}\` is no table` })
  const text = sourceText(value)
  const place = value['path']
  const conditional = Object.hasOwn(value, 'marker')
  return contents({
    packages: text === null ? [] : [{ name: normalized(written), text, anyOf: null, conditional }],
    local: typeof place === 'string' ? [place] : value['workspace'] === true ? ['.'] : [],
  })
}

function readHatch(hatch: unknown): Contents[] {
  const keys = ['dependencies', 'extra-dependencies']
  return entries(at(hatch, 'envs'), 'tool.hatch.envs').flatMap(([name, environment]) =>
    keys.map((key) => requirements(at(environment, key), `tool.hatch.envs.${name}.${key}`)),
  )
}

/** What setuptools reads from other files, or what only a program knows. */
function readDynamic(document: Table): Contents {
  const dynamic = items(at(document, 'project', 'dynamic'), 'project.dynamic')
  const told = at(document, 'tool', 'setuptools', 'dynamic')
  const hook = at(document, 'tool', 'hatch', 'metadata', 'hooks', 'requirements_txt', 'files')
  return joined(
    ['dependencies', 'optional-dependencies']
      .filter((key) => dynamic.includes(key))
      .map((key) => {
        const files = [...filesIn(at(told, key)), ...filesIn({ file: hook })]
        if (files.length > 0) return contents({ includes: files })
        // Poetry 2 is asked for what is dynamic, and has it in its own table.
        if (at(document, 'tool', 'poetry', 'dependencies') !== undefined) return contents({})
        return contents({ unread: `its ${key} are dynamic: a program tells them` })
      }),
  )
}

/** `{ file = […] }`, or a table of such tables. */
function filesIn(value: unknown): string[] {
  const file = at(value, 'file')
  if (typeof file === 'string') return [file]
  if (Array.isArray(file)) return file.filter((one) => typeof one === 'string')
  return isTable(value) ? Object.values(value).flatMap(filesIn) : []
}

function lists(value: unknown, what: string): Contents[] {
  return entries(value, what).map(([key, list]) => requirements(list, `${what}.${key}`))
}

/** An item may also be `{ include-group = "…" }`: all groups are read anyway. */
function requirements(value: unknown, what: string): Contents {
  const written = items(value, what).filter((one) => at(one, 'include-group') === undefined)
  return joined(written.map((one) => requirement(textAt(one, what).replace(/^-e\s+/, ''))))
}
