import { edit, files, modelFile } from './edit.ts'

const own = (name: string) => `(${modelFile(name)})`

const macro = (name: string, body: string, more = '') =>
  `from sqlmesh import macro\n${more}\n\n@macro()\ndef ${name}(evaluator, value):\n    ${body}\n`

const using = (name: string) => ({ query: `SELECT id, @${name}(amount) AS amount FROM raw.events` })

const pythonModel = (name: string, body: string, model = 'm') => `import typing as t

import pandas as pd

from sqlmesh import ExecutionContext, model

LEAST = 3


@model("${name}.${model}", columns={"id": "int"}, kind="FULL", depends_on=["raw.events"])
def execute(context: ExecutionContext, **kwargs: t.Any) -> pd.DataFrame:
    ${body}
`
const pythonFile = (name: string) => `models/${name}/m.py`
const seedModel = (name: string, file = name) =>
  `MODEL (\n  name ${name}.m,\n  kind SEED (path '$root/seeds/${file}.csv')\n);\n`

/** Edits of Python, jinja, seeds and variables. */
export const codeEdits = [
  files(
    'macro_body',
    using('macro_body'),
    { 'macros/macro_body.py': macro('macro_body', 'return f"{value} * 2"') },
    { 'macros/macro_body.py': macro('macro_body', 'return f"{value} * 3"') },
    'unsynced m | macro: @macro_body (macros/macro_body.py)',
  ),
  files(
    'macro_body_and_formatting',
    using('macro_body_and_formatting'),
    { 'macros/mf.py': macro('macro_body_and_formatting', 'return f"{value} * 2"') },
    {
      'macros/mf.py': macro('macro_body_and_formatting', 'return f"{value} * 3"'),
      [modelFile('macro_body_and_formatting')]:
        'MODEL (\n  name macro_body_and_formatting.m,\n  kind FULL\n);\n\nSELECT  id, @macro_body_and_formatting(amount) AS amount FROM raw.events\n',
    },
    'unsynced m | macro: @macro_body_and_formatting (macros/mf.py)',
  ),
  files(
    'macro_comment',
    using('macro_comment'),
    { 'macros/macro_comment.py': macro('macro_comment', 'return f"{value} * 2"') },
    { 'macros/macro_comment.py': macro('macro_comment', 'return f"{value} * 2"  # twice') },
  ),
  files(
    'macro_unused',
    {},
    { 'macros/macro_unused.py': macro('macro_unused', 'return f"{value} * 2"') },
    { 'macros/macro_unused.py': macro('macro_unused', 'return f"{value} * 3"') },
  ),
  files(
    'macro_moved',
    using('macro_moved'),
    { 'macros/macro_moved.py': macro('macro_moved', 'return f"{value} * 2"') },
    {
      'macros/macro_moved.py': null,
      'macros/macro_moved_away.py': macro('macro_moved', 'return f"{value} * 2"'),
    },
    'unsynced m | macro: @macro_moved moved from macros/macro_moved.py (macros/macro_moved_away.py)',
  ),
  files(
    'macro_constant',
    using('macro_constant'),
    {
      'macros/macro_constant.py': macro(
        'macro_constant',
        'return f"{value} * {RATE}"',
        '\nRATE = 2\n',
      ),
    },
    {
      'macros/macro_constant.py': macro(
        'macro_constant',
        'return f"{value} * {RATE}"',
        '\nRATE = 3\n',
      ),
    },
    'unsynced m | macro: RATE: 2 → 3 (macros/macro_constant.py)',
  ),
  files(
    'macro_helper',
    using('macro_helper'),
    {
      'macros/macro_helper.py': macro(
        'macro_helper',
        'return twice(value)',
        'from helpers.numbers import twice',
      ),
      'helpers/__init__.py': '',
      'helpers/numbers.py': 'def twice(value):\n    return f"{value} * 2"\n',
    },
    { 'helpers/numbers.py': 'def twice(value):\n    return f"2 * {value}"\n' },
    'unsynced m | macro: twice (helpers/numbers.py)',
  ),
  files(
    'macro_calls_macro',
    using('macro_calls_macro'),
    {
      'macros/macro_calls_macro.py': macro(
        'macro_calls_macro',
        'return evaluator.evaluate(evaluator.parse_one(f"@macro_called({value})")) if False else macro_called(evaluator, value)',
        'from macros.macro_called import macro_called',
      ),
      'macros/macro_called.py': macro('macro_called', 'return f"{value} * 2"'),
    },
    { 'macros/macro_called.py': macro('macro_called', 'return f"{value} * 3"') },
    'unsynced m | macro: @macro_called (macros/macro_called.py)',
  ),
  files(
    'python_body',
    {},
    {
      [modelFile('python_body')]: null,
      [pythonFile('python_body')]: pythonModel('python_body', 'return pd.DataFrame([1])'),
    },
    { [pythonFile('python_body')]: pythonModel('python_body', 'return pd.DataFrame([2])') },
    'unsynced m | python: execute (models/python_body/m.py)',
  ),
  files(
    'python_comment',
    {},
    {
      [modelFile('python_comment')]: null,
      [pythonFile('python_comment')]: pythonModel('python_comment', 'return pd.DataFrame([1])'),
    },
    {
      [pythonFile('python_comment')]: pythonModel(
        'python_comment',
        '"""One row."""\n    # just one\n    return pd.DataFrame([1])',
      ),
    },
  ),
  files(
    'python_constant',
    {},
    {
      [modelFile('python_constant')]: null,
      [pythonFile('python_constant')]: pythonModel(
        'python_constant',
        'return pd.DataFrame([LEAST])',
      ),
    },
    {
      [pythonFile('python_constant')]: pythonModel(
        'python_constant',
        'return pd.DataFrame([LEAST])',
      ).replace('LEAST = 3', 'LEAST = 4'),
    },
    'unsynced m | python: LEAST: 3 → 4 (models/python_constant/m.py)',
  ),
  files(
    'python_moved',
    {},
    {
      [modelFile('python_moved')]: null,
      [pythonFile('python_moved')]: pythonModel('python_moved', 'return pd.DataFrame([1])'),
    },
    {
      [pythonFile('python_moved')]: null,
      'models/python_moved/other.py': pythonModel('python_moved', 'return pd.DataFrame([1])'),
    },
    'unsynced m | python: execute moved from models/python_moved/m.py (models/python_moved/other.py)',
  ),
  files(
    'jinja_body',
    { query: 'JINJA_QUERY_BEGIN;\nSELECT {{ jinja_body() }} AS id FROM raw.events\nJINJA_END;' },
    { 'macros/jinja_body.sql': '{% macro jinja_body() %}1{% endmacro %}\n' },
    { 'macros/jinja_body.sql': '{% macro jinja_body() %}2{% endmacro %}\n' },
    'unsynced m | jinja: macro jinja_body (macros/jinja_body.sql)',
  ),
  files(
    'jinja_white_space',
    {
      query:
        'JINJA_QUERY_BEGIN;\nSELECT {{ jinja_white_space() }} AS id FROM raw.events\nJINJA_END;',
    },
    { 'macros/jinja_white_space.sql': '{% macro jinja_white_space() %}1{% endmacro %}\n' },
    { 'macros/jinja_white_space.sql': '\n\n{% macro jinja_white_space() %}1{% endmacro %}\n' },
  ),
  edit(
    'jinja_text',
    { query: 'JINJA_QUERY_BEGIN;\nSELECT 1 AS id FROM raw.events\nJINJA_END;' },
    { query: 'JINJA_QUERY_BEGIN;\nSELECT 2 AS id FROM raw.events\nJINJA_END;' },
    `unsynced m | query: query text ${own('jinja_text')}`,
  ),
  edit(
    'jinja_formatted',
    { query: 'JINJA_QUERY_BEGIN;\nSELECT 1 AS id FROM raw.events\nJINJA_END;' },
    { query: 'JINJA_QUERY_BEGIN;\nSELECT  1  AS id FROM raw.events\nJINJA_END;' },
    `unsynced m ~ | formatting: text of the query ${own('jinja_formatted')}`,
  ),
  files(
    'seed_value',
    {},
    {
      [modelFile('seed_value')]: seedModel('seed_value'),
      'seeds/seed_value.csv': 'id,rate\n1,7\n2,19\n',
    },
    { 'seeds/seed_value.csv': 'id,rate\n1,7\n2,20\n' },
    'unsynced m | seed: rate (seeds/seed_value.csv)',
  ),
  files(
    'seed_quotes',
    {},
    {
      [modelFile('seed_quotes')]: seedModel('seed_quotes'),
      'seeds/seed_quotes.csv': 'id,name\n1,a\n',
    },
    { 'seeds/seed_quotes.csv': '"id","name"\n1,"a"\n' },
  ),
  files(
    'seed_renamed',
    {},
    { [modelFile('seed_renamed')]: seedModel('seed_renamed'), 'seeds/seed_renamed.csv': 'id\n1\n' },
    {
      [modelFile('seed_renamed')]: seedModel('seed_renamed', 'seed_other'),
      'seeds/seed_renamed.csv': null,
      'seeds/seed_other.csv': 'id\n1\n',
    },
  ),
  files(
    'variable',
    { query: 'SELECT id FROM raw.events WHERE id > @used_variable' },
    {},
    {},
    'unsynced m | variables: @used_variable: 1 → 2 (config.yaml)',
  ),
  files(
    'dotenv_variable',
    { query: 'SELECT id FROM raw.events WHERE id > @dotenv_variable' },
    { '.env': 'FROM_DOTENV=10\n' },
    { '.env': 'FROM_DOTENV=11\n' },
    'unsynced m | variables: @dotenv_variable: 10 → 11 (config.yaml)',
  ),
  files(
    'blueprints',
    {},
    { [modelFile('blueprints')]: blueprint(10) },
    { [modelFile('blueprints')]: blueprint(20) },
    `unsynced b | variables: blueprint @least: 10 → 20 ${own('blueprints')}`,
  ),
  files(
    'audit_code',
    { settings: ['audits (audit_code_positive)'] },
    { 'audits/audit_code.sql': audit(0) },
    { 'audits/audit_code.sql': audit(1) },
  ),
  files(
    'signal_code',
    { settings: ['signals (signal_code_ready())'] },
    { 'signals/__init__.py': '', 'signals/signal_code.py': signal('True') },
    { 'signals/signal_code.py': signal('False') },
  ),
] as const

function blueprint(least: number): string {
  const variants = `(name := a, least := 1), (name := b, least := ${least})`
  return `MODEL (\n  name blueprints.@name,\n  kind FULL,\n  blueprints (${variants})\n);\n\nSELECT id FROM raw.events WHERE id > @least\n`
}

function audit(least: number): string {
  return `AUDIT (name audit_code_positive);\n\nSELECT * FROM @this_model WHERE amount < ${least}\n`
}

function signal(ready: string): string {
  return `from sqlmesh import signal\n\n\n@signal()\ndef signal_code_ready(batch):\n    return ${ready}\n`
}
