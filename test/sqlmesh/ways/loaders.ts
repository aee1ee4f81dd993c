import { plain } from './plain.ts'
import { SEED } from './seeds.ts'
import { asked, loaded, macroOf, type Way } from './way.ts'

const SELECT = [
  'MODEL (name s.ID, kind FULL);\nSELECT x FROM s.a\n',
  'MODEL (name s.ID, kind FULL);\nSELECT x FROM s.b\n',
] as const
const models: readonly Way[] = [
  loaded('a model', 'wh/models/deep/ID.sql', SELECT),
  loaded(
    'a model without a block',
    'wh/models/s/ID.sql',
    ['SELECT x FROM s.a\n', 'SELECT x FROM s.b\n'],
    {
      files: { 'wh/config.yaml': `${plain['wh/config.yaml']}model_naming:\n  infer_names: true\n` },
      alone: true,
    },
  ),
  loaded('a model that is a link', 'shared/ID.sql', SELECT, {
    files: { 'wh/models/ID.sql': { link: '../../shared/ID.sql' } },
  }),
  loaded('a folder of models that is a link', 'shared/ID/m.sql', SELECT, {
    files: { 'wh/models/ID': { link: '../../shared/ID' } },
    moves: null,
  }),
  loaded('a link over a link', 'shared/ID/m.sql', SELECT, {
    files: {
      'wh/models/ID.sql': { link: '../../ID_way/m.sql' },
      ID_way: { link: 'shared/ID' },
    },
  }),
  loaded('a macro that is a link', 'shared/ID.py', [macroOf("X = 'a'"), macroOf("X = 'b'")], {
    files: { 'wh/macros/ID.py': { link: '../../shared/ID.py' }, 'wh/models/ID.sql': asked },
  }),
  loaded('models of a submodule', 'wh/models/ID', [
    { submodule: { 'm.sql': SELECT[0] } },
    { submodule: { 'm.sql': SELECT[1] } },
  ]),
  loaded(
    'a submodule elsewhere',
    'themes/ID',
    [{ submodule: { 'a.css': 'a' } }, { submodule: { 'a.css': 'b' } }],
    {
      moves: null,
    },
  ),
  loaded('a model that is disabled', 'wh/models/ID.sql', [
    SELECT[0],
    SELECT[0].replace('kind FULL', 'kind FULL, enabled FALSE'),
  ]),
  loaded('blueprints', 'wh/models/ID.sql', [
    'MODEL (name s.ID_@t, kind FULL, blueprints ((t := a), (t := b)));\nSELECT x FROM s.@t\n',
    'MODEL (name s.ID_@t, kind FULL, blueprints ((t := a), (t := c)));\nSELECT x FROM s.a\n',
  ]),
  loaded('a macro', 'wh/macros/ID.py', [macroOf("X = 'a'"), macroOf("X = 'b'")], {
    files: { 'wh/models/ID.sql': asked },
  }),
  loaded('a macro in a folder', 'wh/macros/deep/ID.py', [macroOf("X = 'a'"), macroOf("X = 'b'")], {
    files: { 'wh/models/ID.sql': asked },
  }),
  loaded(
    'a macro of jinja',
    'wh/macros/ID.sql',
    ['{% macro ID() %}s.a{% endmacro %}', '{% macro ID() %}s.b{% endmacro %}'],
    {
      files: {
        'wh/models/ID.sql':
          'MODEL (name s.ID, kind FULL);\nJINJA_QUERY_BEGIN;\nSELECT x FROM {{ ID() }}\nJINJA_END;\n',
      },
    },
  ),
  loaded(
    'an audit',
    'wh/audits/ID.sql',
    [
      'AUDIT (name ID);\nSELECT x FROM @this_model WHERE x < 0\n',
      'AUDIT (name ID);\nSELECT x FROM @this_model WHERE x < 1\n',
    ],
    {
      files: {
        'wh/models/ID.sql': 'MODEL (name s.ID, kind FULL, audits (ID));\nSELECT x FROM s.a\n',
      },
      moves: 'deleted',
      refused: true,
    },
  ),
  loaded('external models', 'wh/external_models/ID.yaml', [
    '- name: raw.ID\n',
    '- name: raw.ID_b\n',
  ]),
  loaded(
    'columns of external models',
    'wh/external_models/ID.yml',
    ['- name: raw.ID\n  columns:\n    x: int\n', '- name: raw.ID\n  columns:\n    x: text\n'],
    { moves: null },
  ),
  loaded(
    'a unit test',
    'wh/tests/test_ID.yaml',
    [
      'test_ID:\n  model: s.a\n  inputs:\n    raw.events:\n      rows:\n      - x: 1\n  outputs:\n    query:\n      rows:\n      - x: 2\n',
      'test_ID: [\n',
    ],
    { refused: true },
  ),
  loaded('a seed that no model names', 'wh/seeds/ID.csv', SEED, { moves: null }),
  loaded('a table that a query reads', 'wh/data/ID.csv', SEED, {
    files: {
      'wh/models/ID.sql': "MODEL (name s.ID, kind FULL);\nSELECT id FROM read_csv('data/ID.csv')\n",
    },
    moves: null,
  }),
  loaded(
    'requirements of SQLMesh',
    'wh/sqlmesh-requirements.lock',
    ['numpy==1.0\n', 'numpy==2.0\n'],
    {
      moves: null,
      alone: true,
    },
  ),
  loaded('.env', 'wh/.env', ['W_TABLE=a\n', 'W_TABLE=b\n'], {
    files: {
      'wh/config.yaml': `${plain['wh/config.yaml']}variables:\n  table: "{{ env_var('W_TABLE') }}"\n`,
      'wh/models/ID.sql': 'MODEL (name s.ID, kind FULL);\nSELECT x FROM s.@table\n',
    },
    alone: true,
  }),
  loaded(
    'config.yaml',
    'wh/config.yaml',
    [
      `${plain['wh/config.yaml']}variables:\n  table: a\n`,
      `${plain['wh/config.yaml']}variables:\n  table: b\n`,
    ],
    {
      files: { 'wh/models/ID.sql': 'MODEL (name s.ID, kind FULL);\nSELECT x FROM s.@table\n' },
      alone: true,
    },
  ),
]

const HASH = (hash: string) =>
  `import sqlmesh.core.model.definition as d\n\nd.SqlModel.data_hash = property(lambda self: '${hash}')\n`

/** Python that SQLMesh imports. */
const imported: readonly Way[] = [
  ...['linter', 'signals', 'materializations', 'macros', 'models'].map((folder) =>
    loaded(`Python in ${folder}`, `wh/${folder}/ID.py`, [HASH('1'), HASH('2')], {
      alone: true,
      closed: false,
    }),
  ),
  loaded('Python in linter that raises', 'wh/linter/deep/ID.py', ['Z = 1\n', 'Z = 1 / 0\n'], {
    refused: true,
    alone: true,
  }),
  loaded('a Python model', 'wh/models/ID.py', [pythonModel('a'), pythonModel('b')], {
    closed: false,
  }),
  loaded('what a Python model reads where it runs', 'data/ID.md', ['a', 'b'], {
    files: { 'wh/models/ID.py': pythonModel("open('../data/ID.md').read()") },
    moves: null,
  }),
  loaded('what a Python model imports', 'wh/lib_ID.py', ["X = 'a'\n", "X = 'b'\n"], {
    files: { 'wh/models/ID.py': `from lib_ID import X\n${pythonModel('X')}` },
  }),
]

function pythonModel(value: string): string {
  const returned = value.length === 1 && value !== 'X' ? `'${value}'` : value
  return `from sqlmesh import model


@model("s.ID", kind="FULL", columns={"x": "text"})
def execute(context, start, end, execution_time, **kwargs):
    return ${returned}
`
}

export const loaders: readonly Way[] = [...models, ...imported]
