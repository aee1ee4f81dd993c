import type { Defence } from './defence.ts'

export const engines: readonly Defence[] = [
  {
    name: 'a hash is of what stock has pickled, for models of SQL and Python',
    file: 'src/sqlmesh/probe_load.py',
    take: '    as_pickled(model)\n    keep(model, folder)\n    with',
    put: '    keep(model, folder)\n    with',
    test: 'test/sqlmesh/properties.test.ts',
    only: 'bigquery',
  },
  {
    name: 'all settings of a model are pickled, not its kind alone',
    file: 'src/sqlmesh/probe_pickled.py',
    take: 'type(model).all_field_infos().keys() - TEXTS',
    put: '{"kind"}',
    test: 'test/sqlmesh/properties.test.ts',
    only: 'bigquery',
  },
]
