import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadEnvironment } from '../../src/sqlmesh/loadEnvironment.ts'
import { duckdbConfig } from '../helpers/duckdb.ts'
import { loadManifest } from '../helpers/probing.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'

/*
 * A file whose macros may read a table that nobody names has to be loaded with every change. Here `raw.moved`
 * differs, and no model reads it; so whatever else is loaded was not seen through.
 */
const seenThrough: Readonly<Record<string, string>> = {
  plain: '@macro()\ndef plain(evaluator, x):\n    return f"({x}) * 2"\n',
  documented:
    '@macro()\ndef documented(evaluator, x: str):\n    """Once."""\n    return f"{x} + {x}"\n',
  constant: '@macro()\ndef constant(evaluator, x, y=2):\n    return "1"\n',
  defaulted:
    '@macro()\ndef defaulted(evaluator, x, y="(SELECT MAX(x) FROM raw.elsewhere)"):\n    return f"{x} + {y}"\n',
  named: '@macro()\ndef named(evaluator, x):\n    return f"(SELECT {x} FROM raw.elsewhere)"\n',
}
const opaque: Readonly<Record<string, string>> = {
  imported:
    'NAME = "raw"\n\n\n@macro()\ndef imported(evaluator, x):\n    return f"{x} + 0 * LENGTH(\'{NAME}\')"\n',
  before: '@macro()\ndef before(evaluator, x):\n    return f"x{x}"\n',
  after: '@macro()\ndef after(evaluator, x):\n    return f"{x}x"\n',
  joined: '@macro()\ndef joined(evaluator, x, y="1"):\n    return f"{x}{y}"\n',
  converted: '@macro()\ndef converted(evaluator, x):\n    return f"{str(x)} "\n',
  represented: '@macro()\ndef represented(evaluator, x: str):\n    return f"{x!r} "\n',
  evaluated: '@macro()\ndef evaluated(evaluator, x):\n    return f"{x} -- {evaluator}"\n',
  signed: '@macro()\ndef signed(evaluator, x):\n    return f"CONCAT({x}, \'@\')"\n',
  more: '@macro()\ndef more(evaluator, x):\n    x = 1\n    return f"{x}"\n',
  many: '@macro()\ndef many(evaluator, *x):\n    return f"LENGTH(\'{x}\')"\n',
  aligned: '@macro()\ndef aligned(evaluator, x: str):\n    return f"{x:<5}"\n',
  changed: '@macro()\ndef changed(evaluator, x):\n    """Twice."""\n    x = 2\n    return f"{x}"\n',
  listed: '@macro()\ndef listed(evaluator, x):\n    return [f"{x}"]\n',
  renamed: '@macro("renamed")\ndef other(evaluator, x):\n    return f"{x}"\n',
}
const calls: Readonly<Record<string, string>> = {
  of_ours: 'SELECT @IF(TRUE, x, 0) AS y FROM raw.other',
  nested: 'SELECT @plain(@documented(x)) AS y FROM raw.other',
}
const others: Readonly<Record<string, string>> = {
  mixed: 'SELECT @plain(x) + @before(y) AS y FROM raw.other',
  variable: "SELECT @plain(x) AS y FROM raw.other WHERE x > @VAR('least', 1)",
  template: 'SELECT @plain(x) AS y FROM raw.@{somewhere}',
  escaped: "SELECT @plain(x) AS y, '\\x' AS z FROM raw.other",
  defined: '@DEF(z, 1);\n\nSELECT @plain(x) + @z AS y FROM raw.other',
}

test('files are loaded for their macros only where these may name what nobody does', async () => {
  await using folder = await temporaryFolder()
  const tree = join(folder.path, 'tree')
  const macros = { ...seenThrough, ...opaque }
  const called = Object.keys(macros).map((name) => [name, `SELECT @${name}(x) AS y FROM raw.other`])
  const queries = { ...Object.fromEntries(called), ...calls, ...others }
  const model = (name: string, query: string) => `MODEL (name ${name}, kind FULL);\n\n${query}\n`
  const files = Object.entries(queries).map(([name, query]) => {
    return [`models/${name}.sql`, model(`of.${name}`, query as string)]
  })
  const text = Object.values(macros).map((macro) => `\n\n${macro}`)
  await writeFiles(tree, {
    ...Object.fromEntries(files),
    'config.yaml': `${duckdbConfig('db')}variables:\n  somewhere: other\n`,
    'macros/__init__.py': '',
    'macros/all.py': `from sqlmesh import macro\n${text.join('')}`,
    'models/moved.sql': model('raw.moved', 'SELECT 1 AS x'),
    'models/elsewhere.sql': model('raw.elsewhere', 'SELECT 1 AS x'),
  })
  const environment = loadEnvironment(process.env, [], join(folder.path, 'scratch'))
  const place = { python: sqlmeshPython, tree, projects: ['.'], workspace: folder.path }
  const limits = { gateway: null, distributions: [], timeoutSeconds: 100, environment, given: [] }
  const loadedFor = async (changed: string) => {
    const scope = { seeds: false, base: {} }
    const extent = { changed: [`models/${changed}.sql`], scope }
    const { models, others: left } = await loadManifest(
      { side: 'head', ...place, ...limits },
      extent,
    )
    expect(models.length + (left ?? 0)).toBe(files.length + 2)
    return models.map(({ path }) => path).sort()
  }
  const always = [...Object.keys(opaque), ...Object.keys(others)]
  const paths = (names: readonly string[]) => names.map((name) => `models/${name}.sql`).sort()
  expect(await loadedFor('moved')).toEqual(paths([...always, 'moved']))
  // The macro names it, if not the query.
  expect(await loadedFor('elsewhere')).toEqual(
    paths([...always, 'elsewhere', 'named', 'defaulted']),
  )
})
