import { SEED } from './seeds.ts'
import { loaded, type Way } from './way.ts'

/** A folder is there as long as something is in it. */
export const folders: readonly Way[] = [
  ...[
    'models/ID.sql',
    'models/ID.py',
    'macros/ID.py',
    'macros/ID.sql',
    'audits/ID.sql',
    'metrics/ID.sql',
    'signals/ID.py',
    'materializations/ID.py',
    'linter/ID.py',
    'tests/test_ID.yaml',
    'external_models/ID.yaml',
    'config.yml',
  ].map((path) =>
    loaded(
      `a folder as ${path.replace('ID', 'x')}`,
      `wh/${path}/README.md`,
      ['Here.\n', 'There.\n'],
      {
        moves: 'added',
        refused: true,
        alone: true,
      },
    ),
  ),
  loaded(
    'a folder that the path of a seed goes through',
    'wh/way/README.md',
    ['Here.\n', 'There.\n'],
    {
      files: {
        'wh/seeds/ID.csv': SEED[0],
        'wh/models/ID.sql': "MODEL (name s.ID, kind SEED (path '../way/../seeds/ID.csv'));\n",
      },
      moves: 'deleted',
      refused: true,
      alone: true,
    },
  ),
]
