import { edit, files, modelFile, sql } from './edit.ts'

const own = (name: string) => `(${modelFile(name)})`

const joins = 'SELECT e.id FROM raw.events AS e'

/** Edits of a model's query and statements. */
export const queryEdits = [
  edit(
    'white_space',
    {},
    { query: 'SELECT\n  id,\n  amount\nFROM raw.events' },
    `unsynced m ~ | formatting: text of the query ${own('white_space')}`,
  ),
  edit(
    'keyword_case',
    {},
    { query: 'select id, amount from raw.events' },
    `unsynced m ~ | formatting: text of the query ${own('keyword_case')}`,
  ),
  edit(
    'comment_inside',
    {},
    { query: 'SELECT id, /* in cents */ amount FROM raw.events' },
    `unsynced m ~ | formatting: text of the query ${own('comment_inside')}`,
  ),
  edit(
    'trailing_semicolon',
    {},
    { after: ';' },
    `unsynced m ~ | formatting: text of the query ${own('trailing_semicolon')}`,
  ),
  edit('comment_before', {}, { before: '-- one row per event\n' }),
  edit('comment_after', {}, { after: ' -- the end' }),
  edit(
    'redundant_alias',
    {},
    { query: 'SELECT id AS id, amount FROM raw.events' },
    `unsynced m ~ | formatting: text of the query ${own('redundant_alias')}`,
  ),
  edit(
    'case_only_rename',
    { query: 'SELECT id, amount AS total FROM raw.events' },
    { query: 'SELECT id, amount AS Total FROM raw.events' },
    `unsynced m ~ | formatting: text of the query ${own('case_only_rename')}`,
  ),
  edit(
    'filter_added',
    {},
    { query: "SELECT id, amount FROM raw.events WHERE amount > 0 AND status <> 'test'" },
    `unsynced m | query: WHERE added ${own('filter_added')}`,
  ),
  edit(
    'column_added',
    {},
    { query: 'SELECT id, amount, country FROM raw.events' },
    `unsynced m | columns: +country ${own('column_added')}`,
  ),
  edit(
    'column_removed',
    {},
    { query: 'SELECT id FROM raw.events' },
    `unsynced m | columns: -amount ${own('column_removed')}`,
  ),
  edit(
    'column_changed',
    {},
    { query: 'SELECT id, amount * 2 AS amount FROM raw.events' },
    `unsynced m | query: SELECT changed ${own('column_changed')}`,
  ),
  edit(
    'columns_swapped',
    {},
    { query: 'SELECT amount, id FROM raw.events' },
    `unsynced m | columns: order of columns ${own('columns_swapped')}`,
  ),
  edit(
    'join_added',
    {},
    { query: 'SELECT e.id, e.amount FROM raw.events AS e JOIN raw.users AS u ON u.id = e.id' },
    `unsynced m | query: FROM changed, JOIN u added, SELECT changed ${own('join_added')} | +raw.users`,
  ),
  edit(
    'joins_turned',
    { query: `${joins} JOIN raw.users AS u ON u.id = e.id JOIN raw.users AS v ON v.id = e.id` },
    { query: `${joins} JOIN raw.users AS v ON v.id = e.id JOIN raw.users AS u ON u.id = e.id` },
    `unsynced m | query: order of JOINs changed ${own('joins_turned')}`,
  ),
  edit(
    'ctes_turned',
    { query: 'WITH a AS (SELECT 1 AS id), b AS (SELECT 2 AS id) SELECT id FROM a' },
    { query: 'WITH b AS (SELECT 2 AS id), a AS (SELECT 1 AS id) SELECT id FROM a' },
    `unsynced m | query: order of CTEs changed ${own('ctes_turned')}`,
  ),
  edit(
    'star_of_others',
    { query: 'SELECT @STAR(raw.events, exclude := [id]) FROM raw.events' },
    { query: 'SELECT @STAR(raw.events, exclude := [amount]) FROM raw.events' },
    `unsynced m | query: SELECT changed ${own('star_of_others')}`,
  ),
  edit(
    'statement_defined',
    { before: '@DEF(limit, 1000);\nSET memory_limit = @limit;\n' },
    { before: '@DEF(limit, 2000);\nSET memory_limit = @limit;\n' },
    `unsynced m | query: @DEF limit changed ${own('statement_defined')}`,
  ),
  edit(
    'cte_changed',
    { query: 'WITH a AS (SELECT id FROM raw.events) SELECT id FROM a' },
    { query: 'WITH a AS (SELECT id FROM raw.events LIMIT 9) SELECT id FROM a' },
    `unsynced m | query: CTE a changed ${own('cte_changed')}`,
  ),
  edit(
    'recursion',
    { query: 'WITH a AS (SELECT id FROM raw.events) SELECT id FROM a' },
    { query: 'WITH RECURSIVE a AS (SELECT id FROM raw.events) SELECT id FROM a' },
    `unsynced m | query: RECURSIVE added ${own('recursion')}`,
  ),
  edit(
    'union_changed',
    { query: 'SELECT id FROM raw.events UNION ALL SELECT id FROM raw.users' },
    { query: 'SELECT id FROM raw.events UNION SELECT id FROM raw.users' },
    `unsynced m | query: UNION changed ${own('union_changed')}`,
  ),
  edit(
    'select_became_union',
    { query: 'SELECT id FROM raw.events' },
    { query: 'SELECT id FROM raw.events UNION ALL SELECT id FROM raw.users' },
    `unsynced m | query: FROM removed, SELECT removed, UNION added ${own('select_became_union')} | +raw.users`,
  ),
  edit(
    'pre_statement',
    {},
    { before: 'SET memory_limit = 1000;\n' },
    `unsynced m | statements: pre-statement 1 added ${own('pre_statement')}`,
  ),
  edit(
    'post_statement',
    { after: ';\nCREATE INDEX a ON x (id)' },
    { after: ';\nCREATE INDEX b ON x (id)' },
    `unsynced m | statements: post-statement 1 ${own('post_statement')}`,
  ),
  edit(
    'statement_formatted',
    { after: ';\nCREATE INDEX a ON x (id)' },
    { after: ';\nCREATE  INDEX a  ON x (id)' },
    `unsynced m ~ | formatting: text of the post-statement 1 ${own('statement_formatted')}`,
  ),
  edit(
    'unused_definition',
    {},
    { before: '@DEF(limit, 10);\n' },
    `unsynced m ~ | formatting: text of the query ${own('unused_definition')}`,
  ),
  edit(
    'used_definition',
    { before: '@DEF(least, 10);\n', query: 'SELECT id FROM raw.events WHERE id > @least' },
    { before: '@DEF(least, 20);\n', query: 'SELECT id FROM raw.events WHERE id > @least' },
    `unsynced m | query: @DEF least changed ${own('used_definition')}`,
  ),
  edit(
    'virtual_statement',
    {},
    { after: ';\nON_VIRTUAL_UPDATE_BEGIN;\nSELECT 1;\nON_VIRTUAL_UPDATE_END;' },
  ),
  files(
    'file_renamed',
    {},
    {},
    {
      [modelFile('file_renamed')]: null,
      [modelFile('file_renamed', 'other')]: sql('file_renamed'),
    },
  ),
  files(
    'file_renamed_and_edited',
    {},
    {},
    {
      [modelFile('file_renamed_and_edited')]: null,
      [modelFile('file_renamed_and_edited', 'other')]: sql('file_renamed_and_edited', {
        query: 'SELECT id, amount FROM raw.events LIMIT 5',
      }),
    },
    `unsynced m | query: LIMIT added ${'(models/file_renamed_and_edited/other.sql)'}`,
  ),
] as const
