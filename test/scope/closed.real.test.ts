import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClosedServer, closedServer } from '../helpers/closedTexts.ts'

let server: ClosedServer
beforeAll(() => {
  server = closedServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})
const closedWith = (files: Readonly<Record<string, string>>) => server.ask(files)

const macro = (body: string, above = '') => `from sqlmesh import macro
${above}

@macro()
def given(evaluator, *arguments):
    ${body}
`
/** Why a project with these files is not closed; null if it is. */
const openness = async (files: Readonly<Record<string, string>>) => (await closedWith(files)).open
const withMacro = (text: string) => openness({ 'warehouse/macros/given.py': text })

describe('Python that reads no files', () => {
  test.each([
    ['a text', macro('return f"CAST({arguments[0]} AS DOUBLE)"')],
    ['values from values', macro('return ", ".join(str(x).upper() for x in sorted(arguments))')],
    [
      'expressions',
      macro('return exp.func("SUM", *arguments).as_("x")', 'from sqlglot import exp'),
    ],
    [
      'a module’s own names',
      macro('return exp.DataType.build("int")', 'import sqlglot.expressions as exp'),
    ],
    ['variables', macro('return evaluator.var("rate") or evaluator.dialect')],
    ['a function beside it', macro('return helper(1)', 'def helper(x):\n    return x + 1\n')],
    [
      'a class',
      macro(
        'return Rate(2).value()',
        'class Rate:\n    def __init__(self, x):\n        self.x = x\n    def value(self):\n        return self.x\n',
      ),
    ],
    [
      'an enumeration',
      macro('return Size.BIG', 'from enum import Enum\n\nclass Size(Enum):\n    BIG = 1\n'),
    ],
    [
      'dates',
      macro(
        'return datetime.now().date() - timedelta(days=1)',
        'from datetime import datetime, timedelta',
      ),
    ],
    ['patterns', macro('return re.sub("a", "b", str(arguments[0]))', 'import re')],
    [
      'annotations',
      macro(
        'return 1',
        'from __future__ import annotations\nimport typing as t\nfrom sqlglot import exp\n\nclass A:\n    pass\n',
      ).replace(
        '*arguments',
        'x: t.Optional[exp.Expression] = None, y: "list[int] | None" = None, *z: A',
      ),
    ],
    ['types', macro('return 1', 'import typing as t\n\nX: "t.Optional[t.List[int]]" = None')],
    [
      'what is only defined',
      macro(
        'return 1',
        'import pathlib\n\ndef unused():\n    return pathlib.Path("x").read_text()\n',
      ),
    ],
    ['the environment', macro('return os.environ.get("X", os.getenv("Y"))', 'import os')],
    ['variables of SQLMesh’s own', macro('return "x BETWEEN @start_ds AND @end_ds"')],
    ['a variable in a text', macro('return "(@rate, 1)"')],
    ['an address', macro('return "a@b.c"')],
    ['a remainder', macro('return len(arguments) % 2')],
    ['a text with a format', macro('return "%s: %d" % (arguments[0], 1)')],
    [
      'a digest',
      macro('return hashlib.md5(str(arguments).encode()).hexdigest()', 'import hashlib'),
    ],
    ['a group of a pattern', macro('return re.sub(r"(a)", r"\\1b", "a")', 'import re')],
  ])('%s', async (_, text) => {
    expect(await withMacro(text)).toBe(null)
  })

  test('modules of the project', async () => {
    const files = {
      'warehouse/macros/__init__.py': '',
      'warehouse/macros/given.py': macro(
        'return RATE * twice(2) * tools.thrice(1) * more.LIMIT',
        'from helpers.rates import RATE\nfrom .shared import double as twice\nfrom helpers import tools\nimport helpers.more as more',
      ),
      'warehouse/macros/shared.py': 'def double(x):\n    return x * 2\n',
      'warehouse/helpers/rates.py': 'RATE = 2\n',
      'warehouse/helpers/tools.py': 'def thrice(x):\n    return x * 3\n',
      'warehouse/helpers/more.py': 'LIMIT = 3\n',
    }
    expect(await openness(files)).toBe(null)
    const reads = 'def double(x):\n    return open("x").read()\n'
    expect(await openness({ ...files, 'warehouse/macros/shared.py': reads })).toBe(
      'line 2 of warehouse/macros/shared.py may read files: .read',
    )
    const deep = { 'warehouse/helpers/more.py': 'from .deep import LIMIT\n' }
    const far = { ...files, ...deep, 'warehouse/helpers/deep.py': 'import requests\nLIMIT = 1\n' }
    expect(await openness(far)).toBe(
      'line 1 of warehouse/helpers/deep.py may read files: import requests',
    )
  })

  test('the body of a Python model does not run while it is loaded', async () => {
    const model = (body: string, decorated = '') => ({
      'warehouse/models/m.py': `from pathlib import Path
import pandas as pd
from sqlmesh import model

@model("s.m", columns={"id": "int"}${decorated})
def execute(context, start, end, execution_time, **kwargs) -> pd.DataFrame:
    ${body}
`,
    })
    const reads = 'return pd.DataFrame({"id": [Path("x").read_text()]})'
    expect(await openness(model(reads))).toBe(null)
    expect(await openness(model(reads, ', is_sql=True'))).toContain('may read files')
    expect(await openness(model(reads, ', cron=Path("x").read_text()'))).toContain('may read files')
    // SQLMesh evaluates it to know the parents.
    expect(await openness(model('context.resolve_table(Path("x").read_text())'))).toContain(
      'may read',
    )
    expect(await openness(model('context.resolve_table("s.a")'))).toBe(null)
  })

  test('a materialization’s methods do not run while the project loads', async () => {
    const text = `from pathlib import Path
from sqlmesh import CustomMaterialization

class Merge(CustomMaterialization):
    NAME = "merge"
    def insert(self, table_name, query_or_df, model, is_first_insert, **kwargs):
        self.adapter.execute(Path("x").read_text())
`
    expect(await openness({ 'warehouse/materializations/merge.py': text })).toBe(null)
  })
})

describe('Python that may read files', () => {
  test.each([
    ['open', macro('return open(arguments[0].name).read()')],
    ['open by another name', macro('return read("x")', 'read = open')],
    ['a path', macro('return Path("x").read_text()', 'from pathlib import Path')],
    ['a path by another name', macro('return p.Path("x").read_text()', 'import pathlib as p')],
    ['a method of something unknown', macro('return arguments[0].read_text()')],
    ['a method without a call', macro('return list(map(str, arguments[0].iterdir))')],
    ['a dunder', macro('return arguments[0].__class__')],
    ['its own file', macro('return __file__')],
    ['getattr', macro('return getattr(arguments[0], "read" + "_text")()')],
    ['eval', macro('return eval("1")')],
    ['the evaluator’s own', macro('return evaluator.eval_expression(arguments[0])')],
    ['the evaluator’s path', macro('return evaluator._path')],
    ['the database', macro('return evaluator.engine_adapter.fetchone("SELECT 1")')],
    ['pandas', macro('return pd.read_csv("x.csv")', 'import pandas as pd')],
    ['yaml', macro('return yaml.safe_load("x")', 'import yaml')],
    ['a process', macro('return subprocess.check_output(["cat"])', 'import subprocess')],
    ['whether a file is there', macro('return os.path.exists("x")', 'import os')],
    ['os from a module’s names', macro('return typing.sys.modules["os"]', 'import typing')],
    ['a module as a value', macro('return [os][0].environ', 'import os')],
    ['what another module imports', macro('return string._re', 'import string')],
    ['importlib', macro('return 1', 'import importlib\nX = importlib.import_module("x")')],
    [
      'SQLMesh’s import of a file',
      macro('return 1', 'from sqlmesh.utils.metaprogramming import import_python_file'),
    ],
    ['pydoc', macro('return 1', 'from pydoc import locate')],
    ['a package of others', macro('return 1', 'import requests')],
    ['a module outside of the project', macro('return 1', 'from shared.x import X')],
    ['import *', macro('return 1', 'from sqlmesh import *')],
    ['a decorator that is not known', macro('return 1', '@cached\ndef other():\n    return 1\n')],
    ['with', macro('with arguments[0] as x:\n        return x')],
    ['a metaclass', macro('return 1', 'class A(metaclass=B):\n    pass\n')],
    [
      'a changed class of others',
      macro('return 1', 'from sqlglot import exp\nexp.Select.sql = lambda s: "1"'),
    ],
    ['an annotation', macro('return 1').replace('*arguments', 'x: "open(1)"')],
    [
      'an annotation that is a variable',
      macro('return 1', 'X = "op" + "en(1)"').replace('*arguments', 'x: X'),
    ],
    [
      'an annotation that is an attribute',
      macro('return 1', 'class A:\n    B = "open(1)"\n').replace('*arguments', 'x: A.B'),
    ],
    ['a call in an annotation', macro('return 1').replace('*arguments', 'x: str(1)')],
    [
      'what a value is written as',
      macro('return 1', 'class A(str):\n    def __repr__(self):\n        return "x"\n'),
    ],
    ['help', macro('return help("zzlib.x")', 'def other(help):\n    return 1\n')],
    ['a default', macro('return 1').replace('*arguments', 'x=open("x").read()')],
    ['a base class', macro('return 1', 'import pathlib\n\nclass A(pathlib.Path):\n    pass\n')],
    ['a name with two meanings', macro('return json.loads("1")', 'import json\nimport os as json')],
    ['a text with a macro', macro('return "@include(\'x\')"')],
    ['a macro with a blank', macro('return "@include (\'x\')"')],
    ['a piece of a macro’s name', macro('return "@EV" + arguments[0].this')],
    ['a macro’s sign alone', macro('return "@" + arguments[0].this')],
    ['a macro by a format', macro('return "@{}(1)".format(arguments[0].this)')],
    ['a macro in an f-string', macro('return f"@{arguments[0].this}(1)"')],
    ['a macro by another format', macro('return "@%s(1)" % arguments[0].this')],
    ['a macro’s sign of a number', macro('return "%cEVAL(1)" % 64')],
    ['one by another format', macro('return "{:c}EVAL(1)".format(64)')],
    ['one by a format of an f-string', macro('return f"{64:c}EVAL(1)"')],
    ['one by a format that is not known', macro('return f"{64:{arguments[0]}}EVAL(1)"')],
    ['one by a text that is not known', macro('return arguments[0].this % (64,)')],
    ['one by a text that is changed', macro('x = arguments[0].this\n    x %= 64\n    return x')],
    ['one by the function for formats', macro('return format(64, "c")')],
    ['one of bytes', macro('return bytes([64]).decode()')],
    ['one of bytes in another encoding', macro('return str("\u4000".encode(), "utf-16-be")')],
    ['one of an encoding', macro('return repr("\u4000".encode("utf-16-be"))')],
    ['one of bytes that stand there', macro('return b"@EV".decode()')],
    ['one of an escape', macro('return re.sub("a", "\\\\100", "a")', 'import re')],
    ['one of JSON', macro('return json.loads(arguments[0].this)', 'import json')],
    ['one of a table', macro('return "A".translate({65: 64})')],
    ['one of all signs', macro('return string.punctuation[21]', 'import string')],
    [
      'one of an expression',
      macro('return exp.Parameter(this="EVAL").sql()', 'from sqlglot import exp'),
    ],
    ['fullwidth letters', macro('return ｏｐｅｎ("x").read()')],
    ['carriage returns', macro('return open("x")').replaceAll('\n', '\r')],
    ['a continued line', macro('return X', 'from zzlib.x \\\n    import X')],
    ['a form feed', macro('return q', 'import\x0czzlib.x as q')],
    ['no Python', 'def (:\n'],
    ['deep nesting', `X = ${'('.repeat(5000)}1${')'.repeat(5000)}\n`],
    ['a long sum', `X = ${'1 + '.repeat(60_000)}1\n`],
    ['another encoding', '# coding: none-such\nX = 1\n'],
  ])('%s', async (_, text) => {
    expect(await withMacro(text)).not.toBe(null)
  })

  test.each([
    'config.py',
    'signals/s.py',
    'materializations/m.py',
    'linter/rules.py',
    'models/m.py',
  ])('in %s', async (path) => {
    expect(await openness({ [`warehouse/${path}`]: 'X = open("x").read()\n' })).toBe(
      `line 1 of warehouse/${path} may read files: .read`,
    )
  })

  test('a module with the name of one of Python’s own', async () => {
    const files = { 'warehouse/macros/given.py': macro('return json.dumps(1)', 'import json') }
    expect(await openness(files)).toBe(null)
    // Python imports its own one then, whatever this one has in it.
    for (const own of ['json.py', 'json/__init__.py']) {
      expect(
        await openness({ ...files, [`warehouse/${own}`]: 'def dumps(x):\n    return x\n' }),
      ).toBe('warehouse/json has the name of a module that SQLMesh may have imported before')
    }
  })

  test('code that an installed package has programs load', async () => {
    const plain =
      '[project]\nname = "shop"\ndependencies = ["sqlmesh"]\n[project.scripts]\na = "b:c"\n'
    expect(await openness({ 'pyproject.toml': plain })).toBe(null)
    const entry = `${plain}[project.entry-points."sqlmesh.materializations"]\nx = "y:z"\n`
    expect(await openness({ 'pyproject.toml': entry })).toBe(
      'pyproject.toml may define entry points',
    )
    const poetry = '[tool.poetry.plugins."sqlglot.dialects"]\nx = "y:z"\n'
    expect(await openness({ 'lib/pyproject.toml': poetry })).toContain('entry points')
  })
})

describe('SQL and YAML', () => {
  const model = (text: string) =>
    openness({ 'warehouse/models/m.sql': `MODEL (name s.m, kind FULL);\n${text}\n` })

  test.each([
    'SELECT 1 AS x',
    "SELECT @IF(@rate > 1, 'open', 'it''s') FROM a WHERE ds = @start_ds",
    "SELECT @x('a@b.c', '@start_ds') AS a, '@daily' AS b, @'@{y}/a' AS c -- '@y(",
    'SELECT @EVAL(1 + @x), @{x}, @EACH([a, b], c -> c) FROM @SQL(@t)',
    "JINJA_QUERY_BEGIN;\nSELECT {{ x | upper }} {% if y == 'a' %}, 1{% endif %} {# all #} FROM {{ ref.items() }}\nJINJA_END;",
  ])('reads no files: %s', async (text) => {
    expect(await model(text)).toBe(null)
  })

  test.each([
    "{% include 'x.sql' %}",
    "{% set x = 1 %}{%- import 'x' as y %}",
    '{{ model_instance._path.read_text() }}',
    '{{ x.__class__ }}',
    "{{ x['_' ~ '_class_' ~ '_'] }}",
    "{{ x | attr('a') }}",
    "{{ '}}' ~ x.__class__ }}",
    '{{ never ended',
    '{{ path.parent.read_text() }}',
    'SELECT @EVAL("a\') or open(1) or (\'")',
    "SELECT @EVAL('\\' + open(1).read())",
    'SELECT @EVAL("a\') or ｏpen(1) or (\'")',
    "SELECT @own('@EVAL(list.op', 'en(1))')",
    "SELECT @own('@', 'EVAL(list.op', 'en(1))')",
    "SELECT @SQL(CONCAT('@EVAL(list.op', 'en(1))'))",
    'SELECT @own("@EVAL(list.op", 1)',
    "SELECT @own('\\'@EVAL(', 1)",
    "SELECT @own('\\', '@EVAL(', 1)",
    "SELECT @SQL(CONCAT(list.chr(64), 'EVAL(1)'))",
    "SELECT {{ '@EVAL(list.op' }}{{ 'en(1))' }}",
    'SELECT @EVAL(list.{{ "op" }}{{ "en" }}(1))',
  ])('may read files: %s', async (text) => {
    expect(await model(text)).not.toBe(null)
  })

  test('comments before a MODEL block are looked through once', async () => {
    const text = `${'/* a */ '.repeat(200)}x MODEL (name s.m, kind FULL);\nSELECT 1\n`
    expect(await openness({ 'warehouse/models/m.sql': text })).toBe(null)
  })

  test('variables of the configuration may be pieces of a macro’s call', async () => {
    const config = (text: string) =>
      openness({ 'warehouse/config.yaml': `variables:\n  x: ${text}\n` })
    expect(await config("'a@b.c'")).toBe(null)
    expect(await config("'@EVAL(list.op'")).toBe(
      'warehouse/config.yaml may read files: a macro that is called in a text',
    )
  })

  test('the configuration and unit tests are jinja too', async () => {
    const jinja = "x: {{ env_var('X') }}\n"
    expect(await openness({ 'warehouse/config.yaml': jinja })).toBe(null)
    const reads = 'x: {{ env_var.__globals__ }}\n'
    expect(await openness({ 'warehouse/config.yaml': reads })).toContain('its jinja')
    expect(await openness({ 'warehouse/tests/test_a.yaml': reads })).toContain('its jinja')
    expect(await openness({ 'warehouse/audits/a.sql': reads })).toContain('its jinja')
    expect(await openness({ 'warehouse/macros/a.sql': reads })).toContain('its jinja')
  })
})

describe('the data of seeds', () => {
  const seeds = async (text: string, path = 'warehouse/models/deep/m.sql', more = {}) =>
    await closedWith({ ...more, [path]: text })

  test.each([
    ["'../../seeds/a.csv'", 'warehouse/seeds/a.csv'],
    ["'$root/seeds/a.csv'", 'warehouse/seeds/a.csv'],
    ["'$ROOT/../LICENSE'", 'LICENSE'],
    ["'./m.sql'", 'warehouse/models/deep/m.sql'],
    ["'../../../docs//list.md'", 'docs/list.md'],
    ["'../../../.github/d.yml'", '.github/d.yml'],
    ["'../../seeds/größe (1).csv'", 'warehouse/seeds/größe (1).csv'],
  ])('path %s is %s', async (said, path) => {
    expect(await seeds(`MODEL (name s.m, kind SEED (path ${said}, batch_size 5));\n`)).toEqual({
      open: null,
      seeds: [path],
    })
  })

  test.each([
    ['a macro’s text', "MODEL (name s.m, kind SEED (path '@{x}/a.csv'))"],
    ['a variable', 'MODEL (name s.m, kind SEED (path @x))'],
    ['a macro', "MODEL (name s.m, kind SEED (path @x('a')))"],
    ['a kind by macro', "MODEL (name s.m, kind @seed_of('a.csv'))"],
    ['a property by macro', "MODEL (name s.m, @IF(TRUE, kind SEED (path 'a.csv')))"],
    ['jinja', "MODEL (name s.m, kind SEED (path '{{ x }}'))"],
    ['a doubled quote', "MODEL (name s.m, kind SEED (path 'it''s.csv'))"],
    ['another quote', 'MODEL (name s.m, kind SEED (path "a.csv"))'],
    ['dollar quotes', 'MODEL (name s.m, kind SEED (path $$a.csv$$))'],
    ['an escape', "MODEL (name s.m, kind SEED (path 'a\\x2ecsv'))"],
    ['two texts', "MODEL (name s.m, kind SEED (path 'a' '.csv'))"],
    ['a comment', "MODEL (name s.m, kind SEED (/* path 'b', */ path 'a.csv'))"],
    ['no file of the repository', "MODEL (name s.m, kind SEED (path '../../../../x/a.csv'))"],
    ['an absolute path', "MODEL (name s.m, kind SEED (path '/a.csv'))"],
    ['a link', "MODEL (name s.m, kind SEED (path '../../../data/link/a.csv'))"],
    [
      'a link that is left again',
      "MODEL (name s.m, kind SEED (path '../../../data/link/../a.csv'))",
    ],
    ['another letter for s', 'MODEL (name s.m, kind ſEED (path @x))'],
  ])('may be anything: %s', async (_, text) => {
    expect((await seeds(`${text};\n`)).open).toBe(
      'the data of the seed warehouse/models/deep/m.sql may be any file',
    )
  })

  test.each([
    "MODEL (name s.m, kind FULL, description 'seeds of path', owner 'a@b.c');\nSELECT 1",
    'SELECT seed FROM paths',
    'MODEL (name @{x}.m, kind VIEW, blueprints ((x := a)));\nSELECT 1',
  ])('no seed: %s', async (text) => {
    expect(await seeds(text)).toEqual({ open: null, seeds: [] })
  })

  test('the configuration may make seeds of all models', async () => {
    const config = "model_defaults:\n  kind:\n    name: SEED\n    path: 'x.csv'\n"
    expect((await closedWith({ 'warehouse/config.yaml': config })).open).toContain('a kind')
  })
})
