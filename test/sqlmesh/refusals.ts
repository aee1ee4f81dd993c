import { duckdbConfig } from '../helpers/duckdb.ts'

/*
 * Projects that SQLMesh's loaders may give models of, and what stock SQLMesh makes of each.
 */

export type Project = Readonly<Record<string, string>>

const model = (name: string, settings: string, query: string) =>
  `MODEL (name ${name}${settings && `, ${settings}`});\n\n${query}\n`
const a = (settings: string, query = 'SELECT 1 AS x') => ({
  'models/a.sql': model('s.a', settings, query),
})
const python = (settings: string, name = 's.p') => ({
  'models/p.py': `from sqlmesh import model


@model("${name}", columns={"x": "int"}, ${settings})
def execute(context, start, end, execution_time, **kwargs):
    return None
`,
})

const config = duckdbConfig('db')
export const plain: Project = {
  'config.yaml': config,
  'external_models.yaml': '- name: raw.known\n  columns:\n    id: int\n    day: date\n',
  ...a('kind FULL'),
  'models/b.sql': model('s.b', 'kind FULL', 'SELECT x FROM s.a'),
}
const lint = (settings: string) => ({ 'config.yaml': `${config}linter:\n${settings}` })
const rule = (name: string, body = 'pass') => `from sqlmesh.core.linter.rule import Rule


class ${name}(Rule):
    """A rule."""

    def check_model(self, model):
        ${body}
`
const macro = (name: string, body: string) => ({
  'macros/__init__.py': '',
  [`macros/${name}.py`]: `from sqlmesh import macro


@macro()
def ${name}(evaluator, *args):
    ${body}
`,
})
const byTime = 'kind INCREMENTAL_BY_TIME_RANGE (time_column day)'
const renamed = 'SELECT id, day AS at FROM raw.known'

/** What stock SQLMesh refuses, by what it is about: files beside, or instead of, those of `plain`. */
export const refused: Readonly<Record<string, Project>> = {
  'a cycle': a('kind FULL', 'SELECT x FROM s.b'),
  'a cycle of three': {
    ...a('kind FULL', 'SELECT x FROM s.c'),
    'models/c.sql': model('s.c', 'kind FULL', 'SELECT x FROM s.b'),
  },
  'a cycle through depends_on': a('kind FULL, depends_on (s.b)'),
  'a cycle through a Python model': {
    ...a('kind FULL', 'SELECT x FROM s.p'),
    ...python('kind="FULL", depends_on=["s.b"]'),
  },
  'a time column that is not selected': a(byTime),
  'a time column that is not selected of a CTE': a(
    byTime,
    `WITH c AS (${renamed}) SELECT * FROM c`,
  ),
  'a time column that a star does not give': {
    ...a('kind FULL', renamed),
    'models/b.sql': model('s.b', byTime, 'SELECT * FROM s.a'),
  },
  'a time column that two stars do not give': {
    ...a('kind VIEW', renamed),
    'models/b.sql': model('s.b', 'kind VIEW', 'SELECT * FROM s.a'),
    'models/c.sql': model('s.c', byTime, 'SELECT b.* FROM s.b AS b'),
  },
  'a time column that a star over an external model excludes': a(
    byTime,
    'SELECT * EXCLUDE (day) FROM raw.known',
  ),
  'a time column that a union does not give': a(byTime, 'SELECT 1 AS x UNION ALL SELECT 2 AS x'),
  'a time column that a join of stars does not give': {
    'models/b.sql': model('s.b', byTime, 'SELECT a.*, 1 AS y FROM s.a AS a CROSS JOIN s.a AS c'),
  },
  'a time column that only SQLMesh’s name for an expression could be': a(byTime, 'SELECT 1'),
  'a partition column that is not selected': a('kind FULL, partitioned_by nope'),
  'one in a function': a('kind FULL, partitioned_by DATE_TRUNC("month", nope)'),
  'one of a seed': {
    'seeds/s.csv': 'id\n1\n',
    'models/s.sql': `MODEL (name s.s, kind SEED (path '../seeds/s.csv'), partitioned_by nope);\n`,
  },
  'one of a Python model': python('kind="FULL", partitioned_by=["nope"]'),
  'one that a macro does not give': {
    ...macro('column', 'return "1 AS y"'),
    ...a('kind FULL, partitioned_by nope', 'SELECT 1 AS x, @column()'),
  },
  'one of declared columns': a('kind FULL, columns (x int), partitioned_by nope'),
  'a partition column twice': a('kind FULL, partitioned_by (x, x)'),
  'a cluster column that is not selected': a('kind FULL, clustered_by nope'),
  'a cluster column that a star does not give': {
    'models/b.sql': model('s.b', 'kind FULL, clustered_by nope', 'SELECT * FROM s.a'),
  },
  'a cluster column twice': a('kind FULL, clustered_by (x, x)'),
  'a unique key of unknown columns to partition by': a(
    'kind INCREMENTAL_BY_UNIQUE_KEY (unique_key x), partitioned_by nope',
  ),
  'a materialization that is not there': a("kind CUSTOM (materialization 'nope')"),
  'a materialization that is none': {
    'materializations/m.py': 'class Nope:\n    NAME = "nope"\n',
    ...a("kind CUSTOM (materialization 'nope')"),
  },
  'a module of a materialization that raises': {
    'materializations/m.py': 'raise ValueError("no")\n',
  },
  'a model that reads itself, without types': a(
    'kind FULL',
    'SELECT x + y AS x FROM s.a, raw.other',
  ),
  'a model that reads itself by a star': a('kind FULL', 'SELECT * FROM s.a'),
  'audits of an embedded model': a('kind EMBEDDED, audits (not_null(columns := (x)))'),
  'a pinned version of a model that is not forward-only': a("kind FULL, physical_version '1'"),
  'an unmanaged model that overwrites no partitions': a(
    'kind INCREMENTAL_UNMANAGED (insert_overwrite TRUE)',
  ),
  'a managed model without a target lag': a('kind MANAGED, dialect snowflake'),
  'a kind that Python models have not': python('kind="VIEW"'),
  'a query that SQLMesh may optimise of a Python model': python('kind="FULL", optimize_query=True'),
  'a name of one part beside others': {
    'models/c.sql': model('c', 'kind FULL', 'SELECT 1 AS x'),
  },
  'a star of a macro over columns that nobody knows': a(
    'kind FULL',
    'SELECT @STAR(raw.unknown) FROM raw.unknown CROSS JOIN raw.known',
  ),
  'columns that a macro looks up and nobody knows': {
    ...macro('look', 'return str(len(evaluator.columns_to_types("raw.unknown")))'),
    ...a('kind FULL', 'SELECT @look() AS x FROM raw.unknown CROSS JOIN raw.known'),
  },
  'columns that a macro does not find': {
    ...macro(
      'look',
      'found = evaluator.columns_to_types("raw.known")\n    if "__schema_unavailable_at_load__" in found:\n        return "1"\n    return str(found["nope"])',
    ),
    ...a('kind FULL', 'SELECT @look() AS x FROM raw.known'),
  },
  'a macro that raises': {
    ...macro('no', 'raise ValueError("no")'),
    ...a('kind FULL', 'SELECT @no() AS x'),
  },
  'a macro that nobody defines': a('kind FULL', 'SELECT @nope(1) AS x'),
  'jinja that cannot be rendered': a(
    'kind FULL',
    'JINJA_QUERY_BEGIN; SELECT {{ nope() }} AS x; JINJA_END;',
  ),
  'jinja that gives no query': a(
    'kind FULL',
    'JINJA_QUERY_BEGIN; {% if False %}SELECT 1{% endif %}; JINJA_END;',
  ),
  'a rule that is not there': lint('  enabled: true\n  rules: ["nope"]\n'),
  'a rule that is not there, while linting is off': lint('  enabled: false\n  rules: ["nope"]\n'),
  'a rule that is not there to warn': lint('  enabled: true\n  warn_rules: ["nope"]\n'),
  'a rule that is not there to ignore': lint('  enabled: true\n  ignored_rules: ["nope"]\n'),
  'a rule that warns and raises': lint(
    '  enabled: true\n  rules: ["nomissingowner"]\n  warn_rules: ["nomissingowner"]\n',
  ),
  'a rule that is ignored and wanted': lint(
    '  enabled: true\n  ignored_rules: ["nomissingowner"]\n  rules: ["nomissingowner"]\n',
  ),
  'a module of rules that raises': { 'linter/r.py': 'raise ValueError("no")\n' },
  'a module of rules that does not parse': { 'linter/deep/r.py': 'class (:\n' },
  'a module of rules that imports what is not there': { 'linter/r.py': 'import nope\n' },
  'two rules of one name': { 'linter/r.py': rule('Same'), 'linter/q.py': rule('SAME') },
  'a test that is no YAML': { 'tests/test_a.yaml': 'test_a:\n  - bad: [\n' },
  'a test of another ending': { 'tests/deep/test.yml': 'test_a: [\n' },
  'a test that is no mapping': { 'tests/test_a.yaml': '- a\n' },
  'a test of no mapping': { 'tests/test_a.yaml': 'test_a: 1\n' },
  'a test with nothing in it': { 'tests/test_a.yaml': '' },
  'a test whose jinja does not render': { 'tests/test_a.yaml': 'test_a: {{ nope( }}\n' },
  'a metric that does not parse': { 'metrics/m.sql': 'METRIC (name m, expression SUM(\n' },
  'a metric of no table': { 'metrics/m.sql': 'METRIC (name m, expression SUM(x));\n' },
  'a metric without a name': { 'metrics/m.sql': 'METRIC (expression SUM(s.a.x));\n' },
  'two metrics of one name': {
    'metrics/m.sql':
      'METRIC (name m, expression SUM(s.a.x));\nMETRIC (name m, expression MAX(s.a.x));\n',
  },
  'a metric of a metric that is not there': {
    'metrics/m.sql': 'METRIC (name m, expression n / SUM(s.a.x));\n',
  },
  'a lock that does not parse': { 'sqlmesh-requirements.lock': 'pandas\n' },
  'a lock that contradicts itself': { 'sqlmesh-requirements.lock': 'a==1\na==2\n' },
  'a statement before all that does not parse': {
    'config.yaml': `${config}before_all:\n  - SELECT (\n`,
  },
  'an audit that is not there': a('kind FULL, audits (nope)'),
  'an audit that does not parse': { 'audits/x.sql': 'AUDIT (name x);\n\nSELECT (\n' },
  'an audit without a query': { 'audits/x.sql': 'AUDIT (name x);\n' },
  'two audits of one name': {
    'audits/x.sql': 'AUDIT (name x);\n\nSELECT 1;\n\nAUDIT (name x);\n\nSELECT 2\n',
  },
  'a model with the name of an audit': {
    'audits/x.sql': `AUDIT (name '"db"."s"."a"', standalone TRUE);\n\nSELECT 1 FROM s.b\n`,
    'models/a.sql': 'MODEL (name db.s.a, kind FULL);\n\nSELECT 1 AS x\n',
  },
  'a signal that is not there': a('kind FULL, signals (nope(x := 1))'),
  'a module of signals that raises': { 'signals/s.py': 'raise ValueError("no")\n' },
  'a kind that is none': a('kind NOPE'),
  'a schedule that is none': a("kind FULL, cron 'nope'"),
  'a dialect that is none': a('kind FULL, dialect nope'),
  'a property that is none': a('kind FULL, nope 1'),
  'two queries': a('kind FULL', 'SELECT 1 AS x;\n\nSELECT 2 AS x'),
  'no query': a('kind FULL', ''),
  'a query that does not parse': a('kind FULL', 'SELECT ('),
  'two models of one name': { 'models/c.sql': model('s.a', 'kind FULL', 'SELECT 1 AS x') },
  'a SQL and a Python model of one name': python('kind="FULL"', 's.a'),
  'a SQL and an external model of one name': { 'external_models.yaml': '- name: s.a\n' },
  'two external models of one name': { 'external_models.yaml': '- name: r.a\n- name: r.a\n' },
  'external models that are none': { 'external_models.yaml': '- nope: 1\n' },
  'blueprints that are none': a('kind FULL, blueprints (1)'),
  'a blueprint without the name': {
    'models/a.sql':
      'MODEL (name s.@name, kind FULL, blueprints ((other := a)));\n\nSELECT 1 AS x\n',
  },
  'a seed without its file': {
    'models/s.sql': `MODEL (name s.s, kind SEED (path '../seeds/nope.csv'));\n`,
  },
  'a seed that is no CSV': {
    'seeds/s.csv': 'a,b\n1,2,3,4\n5\n1,2,3,4,5,6\n',
    'models/s.sql': `MODEL (name s.s, kind SEED (path '../seeds/s.csv'));\n`,
  },
  'a Python model that raises': { 'models/p.py': 'raise ValueError("no")\n' },
  'a Python model without columns': {
    'models/p.py': python('kind="FULL"')['models/p.py'].replace('columns={"x": "int"}, ', ''),
  },
  'a gateway that is not there': {
    'config.yaml': config.replace(/default_gateway: \w+/, 'default_gateway: nope'),
  },
  'a setting that is none': {
    'config.yaml': `${config}model_defaults:\n  dialect: duckdb\n  nope: 1\n`,
  },
}

const configured = (settings: string) => ({ 'config.yaml': `${config}${settings}` })
const calls = (name: string, query: string, body = 'return "1"') => ({
  ...macro(name, body),
  ...a('kind FULL', query),
})
const block = (text: string) => ({ 'models/a.sql': `MODEL (${text});\n\nSELECT 1 AS x\n` })

/** What the loaders themselves refuse, which a check runs as they are. */
export const refusedByLoaders: Readonly<Record<string, Project>> = {
  'a configuration that is no mapping': { 'config.yaml': '- a\n' },
  'two configurations': { 'config.py': 'config = None\n' },
  'a configuration that raises': { 'config.py': 'raise ValueError("no")\n' },
  'a catalog as suffix beside a mapping': configured(
    "environment_suffix_target: catalog\nenvironment_catalog_mapping:\n  '.*': db\n",
  ),
  'a default that moved to plans': configured('include_unmodified: true\n'),
  'a user whose targets have other addresses': configured(
    'users:\n- username: u\n  email: a@example.com\n  notification_targets:\n  - type: smtp\n    host: h\n    sender: s@example.com\n    recipients: [b@example.com]\n    notify_on: [run_start]\n',
  ),
  'a default that is no truth value': {
    'config.yaml': `${config}  enabled: '@nope'\n`,
  },
  'a standalone audit that blocks': {
    'audits/x.sql': 'AUDIT (name x, standalone TRUE, blocking TRUE);\n\nSELECT 1 FROM s.a\n',
  },
  'an audit that is no call': a('kind FULL, audits (1)'),
  'arguments of an audit without names': a('kind FULL, audits (not_null(x))'),
  'a macro variable that nobody knows': a('kind FULL', 'SELECT @nope AS x'),
  'an argument of a macro that cannot be evaluated': a('kind FULL', 'SELECT @EVAL(nope(1)) AS x'),
  'arguments of a macro out of order': calls('own', 'SELECT @own(a := 1, 2) AS x'),
  'a macro with too many arguments': a('kind FULL', 'SELECT @SAFE_DIV(1, 2, 3, 4) AS x'),
  'a union of no table': a('kind FULL', "@UNION('all')"),
  'a variable without a name': a('kind FULL', 'SELECT @VAR() AS x'),
  'a variable whose name is no text': a('kind FULL', 'SELECT @VAR(x) AS x'),
  'a Python model without a name': {
    'models/p.py': python('kind="FULL"')['models/p.py'].replace('"s.p", ', ''),
  },
  'a Python model whose table cannot be told': {
    'models/p.py': python('kind="FULL"')['models/p.py'].replace(
      'return None',
      'return context.resolve_table(str(start))',
    ),
  },
  'blueprints of a macro that gives none': {
    ...macro('none', 'return []'),
    ...block('name s.@n, kind FULL, blueprints @none()'),
  },
  'a model without a name': block('kind FULL'),
  'a model with a catalog of its own': block('name s.a, kind FULL, default_catalog x'),
  'a file without a model': { 'models/a.sql': 'SELECT 1 AS x\n' },
  'a kind of its own without a materialization': a('kind CUSTOM'),
  'a kind of a materialization that is none': {
    'materializations/m.py': `from sqlmesh import CustomMaterialization


class Nope:
    pass


class Own(CustomMaterialization[Nope]):
    NAME = "own"
`,
    ...a("kind CUSTOM (materialization 'own')"),
  },
  'a partition that is no column': a('kind FULL, partitioned_by 1'),
  'partitions that the kind needs': a('kind INCREMENTAL_BY_PARTITION'),
  'a grain and grains': a('kind FULL, grain x, grains (x)'),
  'a label that is no list': a('kind FULL, session_properties (query_label = 1)', 'SELECT 1 AS x'),
  'properties that are none': a('kind FULL, physical_properties (a, b)'),
  'grants that are none': a('kind FULL, grants (select = NULL)'),
  'a start that is no date': a("kind FULL, start 'nope'"),
  'a macro that keeps what has no text': {
    'macros/__init__.py': '',
    'macros/m.py':
      'import threading\n\nfrom sqlmesh import macro\n\nLOCK = threading.Lock()\n\n\n@macro()\ndef own(evaluator):\n    return str(LOCK)\n',
    ...a('kind FULL', 'SELECT @own() AS x'),
  },
  'a macro that imports a module of the project whole': {
    'macros/__init__.py': '',
    'helpers.py': 'ONE = 1\n',
    'macros/m.py':
      'import helpers\n\nfrom sqlmesh import macro\n\n\n@macro()\ndef own(evaluator):\n    return str(helpers.ONE)\n',
    ...a('kind FULL', 'SELECT @own() AS x'),
  },
  'several statements of jinja': a(
    'kind FULL',
    'JINJA_QUERY_BEGIN; SELECT 1 AS x; SELECT 2 AS x; JINJA_END;',
  ),
  'jinja that gives no SQL': a('kind FULL', 'JINJA_QUERY_BEGIN; SELECT ( {{ 1 }}; JINJA_END;'),
  'jinja that gives no SELECT': a(
    'kind FULL',
    'JINJA_QUERY_BEGIN; DROP TABLE {{ "x" }}; JINJA_END;',
  ),
  'a macro definition that cannot be evaluated': a(
    'kind FULL',
    '@DEF(y, @nope(1));\nSELECT @y AS x',
  ),
  'a macro that gives no query': calls('own', '@own()', 'return "DROP TABLE x"'),
  'a macro that gives nothing': calls('own', '@own()', 'return None'),
}

/** What stock SQLMesh loads, although it looks like one of those. */
export const loads: Readonly<Record<string, Project>> = {
  nothing: {},
  'columns that nobody knows': a(byTime, 'SELECT * FROM raw.unknown'),
  'columns that nobody knows, two models below': {
    ...a('kind VIEW', 'SELECT * FROM raw.unknown'),
    'models/b.sql': model('s.b', byTime, 'SELECT * FROM s.a'),
  },
  'columns that a star gives': a(byTime, 'SELECT * FROM raw.known'),
  'columns that two stars give': {
    ...a('kind VIEW', 'SELECT * FROM raw.known'),
    'models/b.sql': model('s.b', byTime, 'SELECT * FROM s.a'),
    'models/c.sql': model('s.c', `${byTime}, clustered_by id`, 'SELECT * FROM s.b'),
  },
  'columns in another case': a('kind FULL, partitioned_by X'),
  'columns of a star of a CTE': a(byTime, 'WITH c AS (SELECT * FROM raw.known) SELECT * FROM c'),
  'columns of a union': a(
    byTime,
    'SELECT id, day FROM raw.known UNION ALL SELECT id, day FROM raw.other',
  ),
  'columns of a macro': {
    ...macro('column', 'return "1 AS y"'),
    ...a('kind FULL, partitioned_by y', 'SELECT 1 AS x, @column()'),
  },
  'columns of jinja': a(
    'kind FULL, partitioned_by y',
    'JINJA_QUERY_BEGIN; SELECT {{ 1 }} AS y; JINJA_END;',
  ),
  'columns of a star of a macro': a(
    'kind FULL, partitioned_by day',
    'SELECT @STAR(raw.known) FROM raw.known',
  ),
  'expressions without names': a('kind FULL', 'SELECT 1, 2'),
  'expressions without names beside a partition': a(
    'kind FULL, partitioned_by x',
    'SELECT 1 AS x, 2',
  ),
  'names twice': a('kind FULL, partitioned_by y', 'SELECT 1 AS x, 2 AS x'),
  'a model that reads itself, with types': a('kind FULL', 'SELECT x::INT AS x FROM s.a'),
  'a model that reads itself, with declared types': a(
    'kind FULL, columns (x int)',
    'SELECT x + 1 AS x FROM s.a',
  ),
  'a model that reads itself, with types that are told': a(
    'kind FULL',
    'SELECT k.id AS x FROM raw.known AS k LEFT JOIN s.a AS a ON a.x = k.id',
  ),
  'columns that are gone and not asked for': {
    'models/b.sql': model('s.b', 'kind FULL', 'SELECT nope FROM s.a'),
  },
  'a slowly changing dimension': a(
    'kind SCD_TYPE_2_BY_COLUMN (unique_key id, columns [day]), partitioned_by valid_from',
    'SELECT id, day FROM raw.known',
  ),
  'a rule that finds something': {
    ...lint('  enabled: true\n  rules: ["all"]\n'),
    'linter/r.py': rule('Own', 'return self.violation("no")'),
  },
  'a rule that raises when it is asked': {
    ...lint('  enabled: true\n  rules: ["own"]\n'),
    'linter/r.py': rule('Own', 'raise ValueError("no")'),
  },
  'YAML beside the tests': { 'tests/data.yaml': 'a: [\n' },
  'a test of a model that is not there': { 'tests/test_a.yaml': 'test_a:\n  model: s.nope\n' },
  'a lock': { 'sqlmesh-requirements.lock': 'pandas==1\n^numpy\n' },
  'a metric': { 'metrics/m.sql': 'METRIC (name m, expression SUM(s.a.x));\n' },
  'grains without names': a('kind FULL, grains (x + 1, (x, x))'),
  'an own materialization': {
    'materializations/m.py': `from sqlmesh import CustomMaterialization


class Own(CustomMaterialization):
    NAME = "own"
`,
    ...a("kind CUSTOM (materialization 'own')"),
  },
  'a disabled model that is not valid': a(`${byTime}, enabled FALSE`),
  'an external model without columns beside a name of one part': {
    'external_models.yaml': '- name: raw.known\n- name: other\n',
  },
  'a table of one part': a('kind FULL', 'SELECT x FROM other'),
}
