import { edit, files, modelFile, sql } from './edit.ts'

const own = (name: string) => `(${modelFile(name)})`

const timeRange = (settings = '') => `INCREMENTAL_BY_TIME_RANGE (time_column day${settings})`
const byKey = (settings = '') => `INCREMENTAL_BY_UNIQUE_KEY (unique_key id${settings})`
const daily = 'SELECT id, day FROM raw.events WHERE day BETWEEN @start_ds AND @end_ds'

/** Edits of the MODEL block, and of models as a whole. */
export const settingEdits = [
  edit(
    'described',
    {},
    {
      settings: [
        'owner alice',
        'tags (finance, daily)',
        "description 'Events'",
        'grain id',
        'audits (not_null(columns := (id)))',
        'allow_partials true',
        "start '2020-01-01'",
      ],
    },
  ),
  edit('cron_same_unit', { settings: ["cron '@daily'"] }, { settings: ["cron '0 5 * * *'"] }),
  edit(
    'cron_other_unit',
    { settings: ["cron '@daily'"] },
    { settings: ["cron '@hourly'"] },
    `unsynced m | interval-unit: interval_unit: day → hour ${own('cron_other_unit')}`,
  ),
  edit(
    'kind_changed',
    {},
    { kind: 'VIEW' },
    `unsynced m | kind: kind: FULL → VIEW ${own('kind_changed')}`,
  ),
  edit(
    'lookback',
    { kind: timeRange(), query: daily },
    { kind: timeRange(', lookback 2'), query: daily },
    `unsynced m | kind: lookback added: 2 ${own('lookback')}`,
  ),
  edit(
    'partition_by_time_column',
    { kind: timeRange(), query: daily },
    { kind: timeRange(', partition_by_time_column false'), query: daily },
    `unsynced m | kind: partition_by_time_column: True → False ${own('partition_by_time_column')}`,
  ),
  edit(
    'forward_only',
    { kind: timeRange(), query: daily },
    { kind: timeRange(', forward_only true'), query: daily },
  ),
  edit(
    'unique_key',
    { kind: byKey() },
    { kind: 'INCREMENTAL_BY_UNIQUE_KEY (unique_key (id, amount))' },
    `unsynced m | kind: unique_key: "id" → "id", "amount" ${own('unique_key')}`,
  ),
  edit(
    'merge_filter',
    { kind: byKey() },
    { kind: byKey(', merge_filter source.amount > 0') },
    `unsynced m | kind: merge_filter added: "__MERGE_SOURCE__"."amount" > 0 ${own('merge_filter')}`,
  ),
  edit(
    'scd_columns',
    { kind: 'SCD_TYPE_2_BY_COLUMN (unique_key id, columns [amount])' },
    { kind: 'SCD_TYPE_2_BY_COLUMN (unique_key id, columns [amount, id])' },
    `unsynced m | kind: columns: "amount" → "amount", "id" ${own('scd_columns')}`,
  ),
  edit(
    'partitions',
    { settings: ['partitioned_by id'] },
    { settings: ['partitioned_by (id, amount)'] },
    `unsynced m | partitioning: partitioned_by: "id" → "id", "amount" ${own('partitions')}`,
  ),
  edit(
    'clusters',
    {},
    { settings: ['clustered_by id'] },
    `unsynced m | partitioning: clustered_by added: "id" ${own('clusters')}`,
  ),
  edit(
    'physical_properties',
    { settings: ['physical_properties (row_group_size = 1000)'] },
    { settings: ['physical_properties (row_group_size = 2000)'] },
    `unsynced m | properties: physical_properties.row_group_size: 1000 → 2000 ${own('physical_properties')}`,
  ),
  edit(
    'physical_properties_order',
    { settings: ['physical_properties (a = 1, b = 2)'] },
    { settings: ['physical_properties (b = 2, a = 1)'] },
    `unsynced m | properties: order of physical_properties: a, b → b, a ${own('physical_properties_order')}`,
  ),
  edit(
    'physical_properties_added_before',
    { settings: ['physical_properties (a = 1, b = 2)'] },
    { settings: ['physical_properties (c = 3, a = 1, b = 2)'] },
    `unsynced m | properties: physical_properties.c added: 3 ${own('physical_properties_added_before')}`,
  ),
  edit('virtual_properties', {}, { settings: ["virtual_properties (comment = 'x')"] }),
  edit('session_properties', {}, { settings: ['session_properties (threads = 2)'] }),
  edit(
    'stamp',
    { settings: ["stamp 'one'"] },
    { settings: ["stamp 'two'"] },
    `unsynced m | properties: stamp: one → two ${own('stamp')}`,
  ),
  edit(
    'table_format',
    {},
    { settings: ['table_format iceberg'] },
    `unsynced m | properties: table_format added: iceberg ${own('table_format')}`,
  ),
  edit(
    'typed_columns',
    { settings: ['columns (id INT, amount INT)'] },
    { settings: ['columns (id INT, amount DOUBLE)'] },
    `unsynced m | columns: columns: id INT, amount INT → id INT, amount DOUBLE ${own('typed_columns')}`,
  ),
  edit('granted', {}, { settings: ["grants ('select' = ['reader'])"] }),
  edit('other_dialect', {}, { settings: ['dialect postgres'] }),
  edit('extra_parent', {}, { settings: ['depends_on (raw.users)'] }, 'unsynced m | +raw.users'),
  files(
    'disabled',
    {},
    {},
    { [modelFile('disabled')]: sql('disabled', { settings: ['enabled false'] }) },
    'removed m',
  ),
  files('deleted', {}, {}, { [modelFile('deleted')]: null }, 'removed m'),
  files('added', {}, {}, { [modelFile('added', 'n')]: sql('added', { model: 'n' }) }, 'new n'),
  files(
    'renamed',
    {},
    {
      [modelFile('renamed', 'child')]: sql('renamed', {
        model: 'child',
        query: 'SELECT id FROM renamed.m',
      }),
    },
    {
      [modelFile('renamed')]: null,
      [modelFile('renamed', 'p')]: sql('renamed', { model: 'p' }),
      [modelFile('renamed', 'child')]: sql('renamed', {
        model: 'child',
        query: 'SELECT id FROM renamed.p',
      }),
    },
    `unsynced child | query: FROM changed (${modelFile('renamed', 'child')}) | +renamed.p | -renamed.m`,
    'new p',
    'removed m',
  ),
] as const
