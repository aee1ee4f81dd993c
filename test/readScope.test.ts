import { expect, test } from 'vitest'
import { temporaryOrigin } from './helpers/git.ts'
import { scopeIn } from './helpers/scopes.ts'

/* A seed's data is wherever its model says, in whichever way SQL can write that. */

const written: readonly (readonly [data: string, path: string])[] = [
  ['data/rates.csv', "'../data/rates.csv'"],
  ["data/it's.csv", "'../data/it''s.csv'"],
  ["data/it's.csv", "'../data/it\\'s.csv'"],
  ['data/a "b" c.csv', '"../data/a ""b"" c.csv"'],
  ['data/Größe.csv', "'../data/Größe.csv'"],
]

test.each(written)('a change of %s is one of the seed whose path is %s', async (data, path) => {
  expect(await kindOfChange(data, `MODEL (name s.m, kind SEED (path ${path}));\n`)).toBe('files')
})

test('a change of a file that no model names is none', async () => {
  const seed = "MODEL (name s.m, kind SEED (path '../data/rates.csv'));\n"
  expect(await kindOfChange('data/prices.csv', seed)).toBe('nothing')
})

/** What has to be loaded where one file is changed. */
async function kindOfChange(file: string, model: string): Promise<string> {
  await using origin = await temporaryOrigin()
  const files = { 'config.yaml': 'gateways: {}\n', 'models/m.sql': model, [file]: 'id\n1\n' }
  const base = await origin.commit(files, 'Base')
  const head = await origin.commit({ [file]: 'id\n2\n' }, 'Head')
  const clone = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
  return (await scopeIn(clone, { base, head })).kind
}
