import { plain } from './plain.ts'
import { model, through, type Way } from './way.ts'

const config = (rest: string) => `${plain['wh/config.yaml']}${rest}`
const configPython = (
  variables: string,
) => `from sqlmesh.core.config import Config, DuckDBConnectionConfig, GatewayConfig, ModelDefaultsConfig

config = Config(
    gateways={"local": GatewayConfig(connection=DuckDBConnectionConfig(catalogs={"wh": ":memory:"}))},
    model_defaults=ModelDefaultsConfig(dialect="duckdb", start="2026-01-01"),
    variables=${variables},
)
`
const byConfigPython = (variables: string, before = ''): Way['files'] => ({
  'wh/config.yaml': null,
  'wh/config.py': before + configPython(variables),
  'wh/models/ID.sql': model('SELECT x FROM s.@table'),
})

/** Python that configures a project, or defines models, and reads a file for it. */
export const configured: readonly Way[] = [
  through('config.py', byConfigPython("{'table': open('../data/ID.md').read()}"), { alone: true }),
  through(
    'config.py and an environment file',
    byConfigPython(
      "{'table': os.environ['W']}",
      "import os\n\nfor line in open('../ID.environment'):\n    os.environ.update([line.strip().split('=')])\n\n",
    ),
    {
      read: 'ID.environment',
      holds: ['W=a\n', 'W=b\n'],
      alone: true,
    },
  ),
  through('config.py and a module', byConfigPython("{'table': X}", 'from lib_ID import X\n'), {
    read: 'wh/lib_ID.py',
    holds: ["X = 'a'\n", "X = 'b'\n"],
    alone: true,
  }),
  through(
    'config.py and a configuration elsewhere',
    {
      'wh/config.yaml': null,
      'wh/config.py':
        "from pathlib import Path\n\nfrom sqlmesh.core.config import Config\nfrom sqlmesh.core.config.loader import load_config_from_yaml\n\nconfig = Config(**load_config_from_yaml(Path('../shared/ID.yaml')))\n",
      'wh/models/ID.sql': model('SELECT x FROM s.@table'),
    },
    {
      read: 'shared/ID.yaml',
      holds: [config('variables:\n  table: a\n'), config('variables:\n  table: b\n')],
      alone: true,
    },
  ),
  through(
    'a loader of the project’s own',
    {
      'wh/config.yaml': null,
      'wh/config.py': `from sqlmesh.core.loader import SqlMeshLoader


class Own(SqlMeshLoader):
    def _glob_paths(self, path, *args, **kwargs):
        yield from super()._glob_paths(path, *args, **kwargs)
        if path.name == "models" and kwargs.get("extension") == ".sql":
            yield from super()._glob_paths(path.parent / "more", *args, **kwargs)


${configPython('{}').replace('config = Config(', 'config = Config(\n    loader=Own,')}`,
    },
    {
      read: 'wh/more/ID.sql',
      holds: [model('SELECT x FROM s.a'), model('SELECT x FROM s.b')],
      alone: true,
    },
  ),
  ...(
    [
      ['columns', `kind="FULL", columns={"x": open('../data/ID.md').read()}`, ['int', 'text']],
      [
        'a schedule',
        `kind="FULL", columns={"x": "int"}, cron=open('../data/ID.md').read()`,
        ['@daily', '@hourly'],
      ],
      [
        'a kind',
        `kind=open('../data/ID.md').read(), columns={"x": "int"}`,
        ['FULL', 'INCREMENTAL_UNMANAGED'],
      ],
    ] as const
  ).map(([what, settings, holds]) =>
    through(
      `${what} of a Python model`,
      {
        'wh/models/ID.py': `from sqlmesh import model


@model("s.ID", ${settings})
def execute(context, start, end, execution_time, **kwargs):
    return None
`,
      },
      { holds },
    ),
  ),
  through('the name of a Python model', {
    'wh/models/ID.py': `from sqlmesh import model


@model("s.ID_" + open('../data/ID.md').read(), kind="FULL", columns={"x": "int"})
def execute(context, start, end, execution_time, **kwargs):
    return None
`,
  }),
  through('a Python model that is SQL', {
    'wh/models/ID.py': `from sqlmesh import model


@model("s.ID", kind="FULL", is_sql=True)
def execute(evaluator):
    return "SELECT x FROM s." + open('../data/ID.md').read()
`,
  }),
  through(
    'blueprints of a Python model',
    {
      'wh/models/ID.py': `from sqlmesh import model


@model("s.ID_@{t}", kind="FULL", columns={"x": "int"}, blueprints=[{"t": t} for t in open('../data/ID.md').read().split()])
def execute(context, start, end, execution_time, **kwargs):
    return None
`,
    },
    { holds: ['x y', 'x z'] },
  ),
  through('a constant of a Python model', {
    'wh/models/ID.py': `from sqlmesh import model

X = open('../data/ID.md').read()


@model("s.ID", kind="FULL", columns={"x": "text"})
def execute(context, start, end, execution_time, **kwargs):
    return X
`,
  }),
  through(
    'a signal that reads as it is imported',
    {
      'wh/signals/ID.py': `import sqlmesh.core.model.definition as d

X = open('../data/ID.md').read()
d.SqlModel.data_hash = property(lambda self: X)
`,
    },
    { alone: true },
  ),
  through(
    'a rule of the linter that reads as it is imported',
    {
      'wh/linter/ID.py': "X = {'a': 1}[open('../data/ID.md').read()]\n",
    },
    { refused: true, alone: true },
  ),
  through(
    'a materialization that reads as it is imported',
    {
      'wh/materializations/ID.py': "X = {'a': 1}[open('../data/ID.md').read()]\n",
    },
    { refused: true, alone: true },
  ),
]
