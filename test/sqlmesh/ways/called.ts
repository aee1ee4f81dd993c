import { plain } from './plain.ts'
import { model, through, type Way } from './way.ts'

/** A macro that reads the file that it is called with, or whose name it finds. */
const macro = (parameters: string, body: string) =>
  `from sqlmesh import macro\n\n\n@macro()\ndef ID(evaluator${parameters}):\n    ${body}\n`

const config = (rest: string) => `${plain['wh/config.yaml']}${rest}`
/** Macros and jinja that read a file as they are called. */
export const called: readonly Way[] = [
  through(
    'a macro argument',
    {
      'wh/macros/ID.py': macro(', path', 'return open(path.name).read()'),
      'wh/models/ID.sql': "MODEL (name s.ID, kind FULL);\n\n@ID('../queries/ID.sql')\n",
    },
    { read: 'queries/ID.sql', holds: ['SELECT x FROM s.a', 'SELECT x FROM s.b'] },
  ),
  through(
    'the text of a model',
    {
      'wh/macros/ID.py': macro(', path', "return open(path.name).read().split(';')[1]"),
      'wh/models/ID.sql': "MODEL (name s.ID, kind FULL);\n\n@ID('models/ID_b.sql')\n",
    },
    {
      read: 'wh/models/ID_b.sql',
      holds: [
        'MODEL (name s.ID_b, kind FULL);\nSELECT x FROM s.a',
        'MODEL (name s.ID_b, kind FULL);\nSELECT x FROM s.b',
      ],
    },
  ),
  through(
    'a variable of the configuration',
    {
      'wh/config.yaml': config('variables:\n  ID: ../docs/ID.md\n'),
      'wh/macros/ID.py': macro('', "return 's.' + open(evaluator.var('ID')).read()"),
      'wh/models/ID.sql': model('SELECT x FROM @ID()'),
    },
    { read: 'docs/ID.md', alone: true },
  ),
  through('a default of a macro', {
    'wh/macros/ID.py': macro(", path='../data/ID.md'", "return 's.' + open(path).read()"),
    'wh/models/ID.sql': model('SELECT x FROM @ID()'),
  }),
  through(
    'a macro in a MODEL block',
    {
      'wh/macros/ID.py': macro('', "return open('../data/ID.md').read()"),
      'wh/models/ID.sql': 'MODEL (name s.ID, kind FULL, cron @ID());\n\nSELECT x FROM s.a\n',
    },
    { holds: ["'@daily'", "'@hourly'"] },
  ),
  through('a name by a macro', {
    'wh/macros/ID.py': macro('', "return 's.ID_' + open('../data/ID.md').read()"),
    'wh/models/ID.sql': 'MODEL (name @ID(), kind FULL);\n\nSELECT x FROM s.a\n',
  }),
  through(
    'a kind by a macro',
    {
      'wh/macros/ID.py': macro('', "return open('../data/ID.md').read()"),
      'wh/models/ID.sql': 'MODEL (name s.ID, kind @ID());\n\nSELECT x FROM s.a\n',
    },
    { holds: ['FULL', 'VIEW'] },
  ),
  through(
    'blueprints of a macro',
    {
      'wh/macros/ID.py': macro(
        ', path',
        "return '(' + ', '.join(f'(t := {t})' for t in open(path.name).read().split()) + ')'",
      ),
      'wh/models/ID.sql':
        "MODEL (name s.ID_@t, kind FULL, blueprints @ID('../data/ID.md'));\n\nSELECT x FROM s.a\n",
    },
    { holds: ['x y', 'x z'] },
  ),
  through(
    'a macro in a statement',
    {
      'wh/macros/ID.py': macro('', "return open('../data/ID.md').read()"),
      'wh/models/ID.sql': 'MODEL (name s.ID, kind FULL);\n\n@ID();\n\nSELECT x FROM s.a\n',
    },
    { holds: ['SET x = 1', 'SET x = 2'], moves: null },
  ),
  through('a macro in a condition of SQLMesh', {
    'wh/macros/ID.py': macro('', "return open('../data/ID.md').read() == 'a'"),
    'wh/models/ID.sql': model('SELECT x FROM @IF(@ID(), s.a, s.b)'),
  }),
  through(
    'properties by a macro',
    {
      'wh/macros/ID.py': macro('', "return open('../data/ID.md').read()"),
      'wh/models/ID.sql': model('SELECT x FROM s.a', ', physical_properties (p = @ID())'),
    },
    { holds: ["'a'", "'b'"], moves: null },
  ),
  ...[
    ['Python in SQL', "list.open('../data/ID.md')"],
    ['Python in SQL, with blanks', "list.open  ('../data/ID.md')"],
    ['Python in SQL, with a comment', "list.open/* it */('../data/ID.md')"],
  ].map(([name, code]) =>
    through(
      name as string,
      { 'wh/models/ID.sql': model(`SELECT x FROM @IF(${code} IS NULL, s.a, s.b)`) },
      { moves: 'deleted', refused: true },
    ),
  ),
  through('Python in jinja', {
    'wh/models/ID.sql':
      "MODEL (name s.ID, kind FULL);\nJINJA_QUERY_BEGIN;\nSELECT x FROM s.{{ lipsum.__globals__['__builtins__']['open']('../data/ID.md').read() }}\nJINJA_END;\n",
  }),
  through('Python in jinja of a macro', {
    'wh/macros/ID.sql':
      "{% macro ID() %}s.{{ lipsum.__globals__['__builtins__']['open']('../data/ID.md').read() }}{% endmacro %}",
    'wh/models/ID.sql':
      'MODEL (name s.ID, kind FULL);\nJINJA_QUERY_BEGIN;\nSELECT x FROM {{ ID() }}\nJINJA_END;\n',
  }),
  through(
    'Python in jinja of config.yaml',
    {
      'wh/config.yaml': config(
        "variables:\n  table: \"{{ lipsum.__globals__['__builtins__']['open']('../data/ID.md').read() }}\"\n",
      ),
      'wh/models/ID.sql': model('SELECT x FROM s.@table'),
    },
    { alone: true },
  ),
  through(
    'a file of a submodule',
    {
      'wh/macros/ID.py': macro('', "return 's.' + open('ID/t.md').read()"),
      'wh/models/ID.sql': model('SELECT x FROM @ID()'),
    },
    {
      read: 'wh/ID',
      holds: [{ submodule: { 't.md': 'a' } }, { submodule: { 't.md': 'b' } }],
    },
  ),
  through(
    'a module of a submodule',
    {
      'wh/macros/ID.py': `from lib_ID.x import X\n${macro('', 'return f"s.{X}"')}`,
      'wh/models/ID.sql': model('SELECT x FROM @ID()'),
    },
    {
      read: 'wh/lib_ID',
      holds: [{ submodule: { 'x.py': "X = 'a'\n" } }, { submodule: { 'x.py': "X = 'b'\n" } }],
    },
  ),
  through(
    'behind a link',
    {
      'wh/macros/ID.py': macro('', "return 's.' + open('../data/ID.md').read()"),
      'wh/models/ID.sql': model('SELECT x FROM @ID()'),
      'data/ID.md': { link: '../raw/ID.dat' },
    },
    { read: 'raw/ID.dat' },
  ),
  through(
    'a link to one of two',
    {
      'wh/macros/ID.py': macro('', "return 's.' + open('../data/ID').read()"),
      'wh/models/ID.sql': model('SELECT x FROM @ID()'),
      'data/ID_a': 'a',
      'data/ID_b': 'b',
    },
    { read: 'data/ID', holds: [{ link: 'ID_a' }, { link: 'ID_b' }] },
  ),
]
