import type { Defence } from './defence.ts'

const unknown = 'src/dagster/unknownCatalogs.ts'
const unknownTest = 'test/dagster/unknownCatalogs.test.ts'
const loaded = 'test/sqlmesh/unknownCatalogs.real.test.ts'

export const engines: readonly Defence[] = [
  {
    name: 'a hash is of what stock has pickled, for models of SQL and Python',
    file: 'python/unsynced/load/loaders.py',
    take: '    as_pickled(model)\n    keep(model, folder)\n    with',
    put: '    keep(model, folder)\n    with',
    test: 'test/sqlmesh/properties.real.test.ts',
    only: 'bigquery',
  },
  {
    name: 'all settings of a model are pickled, not its kind alone',
    file: 'python/unsynced/describe/pickled.py',
    take: 'type(model).all_field_infos().keys() - TEXTS',
    put: '{"kind"}',
    test: 'test/sqlmesh/properties.real.test.ts',
    only: 'bigquery',
  },
  {
    name: 'a catalog that only the server knows stands in all names',
    file: 'python/unsynced/load/catalogs.py',
    take: '                    catalog = UNKNOWN_CATALOG\n',
    put: '                    continue\n',
    test: loaded,
    only: 'equal to the translator’s keys',
  },
  {
    name: 'a variable that is not there is no catalog',
    file: 'python/unsynced/load/catalogs.py',
    take: 'if catalog is None or self.is_unset(catalog):',
    put: 'if catalog is None:',
    test: loaded,
    only: 'a variable that is not there',
  },
  {
    name: 'an engine has catalogs if its adapter says so',
    file: 'python/unsynced/load/connection.py',
    take: 'return self.kind not in NO_CATALOG if known is None else known',
    put: 'return True',
    test: loaded,
    only: 'equal to the translator’s keys',
  },
  {
    name: 'a catalog that is given and empty is not the default',
    file: 'python/unsynced/load/connection.py',
    take: 'return None if setting in self.given else default',
    put: 'return default',
    test: loaded,
    only: 'a variable that is not there',
  },
  {
    name: 'a catalog that is known in one commit alone is an error',
    file: unknown,
    take: 'oneSided(side, first, other) ?? mistaken(own)',
    put: 'mistaken(own)',
    test: unknownTest,
  },
  {
    name: 'a table that may be a model of the unknown catalog is an error',
    file: unknown,
    take: 'oneSided(side, first, other) ?? mistaken(own)',
    put: 'oneSided(side, first, other)',
    test: unknownTest,
  },
  {
    name: 'no command selects a key without its catalog',
    file: 'src/report/launchCommands.ts',
    take: '!isIncomplete(key) && ',
    put: '',
    test: 'test/oracle/selection.real.test.ts',
    only: 'a key with a stand-in',
  },
]
