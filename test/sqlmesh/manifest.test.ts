import { expect, test } from 'vitest'
import { probeAnswer } from '../../src/sqlmesh/manifest.ts'
import { manifest, model, part } from '../helpers/models.ts'

const accepts = (differences: Parameters<typeof model>[1]) =>
  probeAnswer.safeParse({
    protocol: 1,
    nonce: 'n',
    ok: true,
    manifest: manifest([model('a', differences)]),
  }).success

test('a path inside the repository is taken as it is', () => {
  expect(accepts({ path: 'models/a..b/c.sql' })).toBe(true)
  expect(accepts({ path: null })).toBe(true)
})

// Its link would lead to another repository's pages.
test.each(['../a.sql', 'models/../../a.sql', '/etc/passwd', './a.sql', ''])('not %j', (path) => {
  expect(accepts({ path })).toBe(false)
  expect(accepts({ parts: [part({ file: path })] })).toBe(false)
})
