import { type Way, way } from './way.ts'

/** What a seed's data is before and after. */
export const SEED = ['id,v\n1,2\n', 'id,v\n1,3\n'] as const

/** A seed whose data is at `read`, which its model writes as `path`. */
function seed(name: string, read: string, path: string, files: Way['files'] = {}): Way {
  const model = `MODEL (name s.ID, kind SEED (path ${path}));\n`
  const own = { 'wh/models/ID.sql': model, [read]: SEED[0] }
  return way(name, { files: { ...own, ...files }, read, becomes: SEED[1], closed: true })
}

export const seeds: readonly Way[] = [
  seed('a seed', 'wh/seeds/ID.csv', "'../seeds/ID.csv'"),
  seed('a seed below the root', 'wh/seeds/ID.csv', "'$root/seeds/ID.csv'"),
  seed('a seed beside its model', 'wh/models/ID.csv', "'ID.csv'"),
  seed('a seed outside of the project', 'data/ID.csv', "'../../data/ID.csv'"),
  seed('a seed of no type', 'wh/seeds/ID', "'../seeds/ID'"),
  ...['md', 'html', 'sql', 'py', 'png', 'js', 'toml', 'txt', 'ipynb'].map((type) =>
    seed(`a seed as .${type}`, `wh/seeds/ID.${type}`, `'../seeds/ID.${type}'`),
  ),
  seed('a seed named as a licence', 'wh/ID/LICENSE', "'../ID/LICENSE'"),
  seed('a seed named as a lock', 'ID/yarn.lock', "'../../ID/yarn.lock'"),
  seed('a seed among tests', 'wh/tests/ID.csv', "'../tests/ID.csv'"),
  seed('a seed among workflows', '.github/ID.yml', "'../../.github/ID.yml'"),
  seed('a seed as a script', 'scripts/ID.sh', "'../../scripts/ID.sh'"),
  seed('a seed with a quote in its name', "wh/seeds/ID's.md", "'../seeds/ID''s.md'"),
  seed('a seed with blanks in its name', 'wh/seeds/ID a b.md', '"../seeds/ID a b.md"'),
  seed('a seed with another alphabet', 'wh/seeds/ID_größe.md', "'../seeds/ID_größe.md'"),
  seed('a seed with signs alone', 'wh/seeds/ID/#.md', "'../seeds/ID/#.md'"),
  seed('a seed behind a link', 'raw/ID.dat', "'../../data/ID.csv'", {
    'data/ID.csv': { link: '../raw/ID.dat' },
  }),
  seed('a seed behind a link to a folder', 'raw/ID/t.md', "'../../data/ID/t.md'", {
    'data/ID': { link: '../raw/ID' },
  }),
  {
    ...seed('a seed over a folder and back', 'wh/seeds/ID.md', "'../macros/../seeds/ID.md'"),
    closed: false,
  },
  way('a seed of a link of its own', {
    files: {
      'wh/models/ID.sql': "MODEL (name s.ID, kind SEED (path '../../data/ID.csv'));\n",
      'data/ID.csv': { link: 'ID_a.dat' },
      'data/ID_a.dat': SEED[0],
      'data/ID_b.dat': SEED[1],
    },
    read: 'data/ID.csv',
    becomes: { link: 'ID_b.dat' },
    closed: true,
  }),
]
