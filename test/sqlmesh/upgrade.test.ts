import { describe, expect, test } from 'vitest'
import { Failure } from '../../src/platform/failure.ts'
import { compareManifests, isUpgradeOnly } from '../../src/sqlmesh/changes.ts'
import type { Part } from '../../src/sqlmesh/manifest.ts'
import { explainUpgrade, upgradeBetween } from '../../src/sqlmesh/upgrade.ts'
import { fqn, manifest, model, part } from '../helpers/models.ts'

const old = { sqlmesh: '0.212.0', sqlglot: '27.9.0' }
const detail = 'SQLMesh 0.212.0 → 0.236.4'

describe('what sets two loads apart', () => {
  test.each([
    [{}, null],
    [{ python: '3.11.9' }, null],
    [{ dagster: '1.11.0' }, null],
    [{ python: '3.12.1' }, 'Python 3.12 → 3.11'],
    [{ sqlglot: '27.9.0', python: '3.12.1' }, 'sqlglot 27.9.0 → 30.0.0'],
    [old, detail],
  ])('%j: %s', (versions, expected) => {
    expect(upgradeBetween(manifest([], versions), manifest([]))).toBe(expected)
  })
})

type Loaded = { readonly hash: string; readonly parts?: readonly Part[] }

/** Causes of one model as `kind: detail`, where `again` is base loaded with head's programs. */
function change(base: Loaded, again: Loaded | null, head: Loaded, changedFiles: string[] = []) {
  const load = ({ hash, parts = [] }: Loaded, versions = {}) =>
    manifest([model('a', { dataHash: hash, parts: [...parts] })], versions)
  const rebased = again && load(again)
  const upgrade = { detail, rebased, changedFiles: new Set(changedFiles) }
  const found = compareManifests(load(base, old), load(head), upgrade).get(fqn('a'))
  return (
    found && { ...found, causes: found.causes.map((cause) => `${cause.kind}: ${cause.detail}`) }
  )
}

const query = (digest: string, canonical: string | null = null) => part({ digest, canonical })
const upgradeCause = `sqlmesh-upgrade: ${detail}`

describe('base loads with head’s programs', () => {
  test('and then has head’s hash: the upgrade alone', () => {
    expect(change({ hash: '1' }, { hash: '2' }, { hash: '2' }, ['models/a.sql'])).toMatchObject({
      causes: [upgradeCause],
      formattingOnly: false,
    })
  })

  test('with its own hash: the commit alone', () => {
    const parts = [query('1')]
    const head = { hash: '2', parts: [query('2')] }
    expect(change({ hash: '1', parts }, { hash: '1', parts }, head)?.causes).toEqual([
      'query: query text',
    ])
  })

  test('with a third hash: both, and the parts compared are of the same version', () => {
    const base = {
      hash: '1',
      parts: [query('x'), part({ kind: 'kind', name: 'kind', digest: 'x' })],
    }
    const again = { hash: '2', parts: [query('1')] }
    expect(change(base, again, { hash: '3', parts: [query('2')] })?.causes).toEqual([
      'query: query text',
      upgradeCause,
    ])
  })

  test('formatting next to an upgrade is not formatting only: undoing it would not help', () => {
    const again = { hash: '2', parts: [query('1', 'same')] }
    const head = { hash: '3', parts: [query('2', 'same')] }
    expect(change({ hash: '1' }, again, head)).toMatchObject({
      causes: ['formatting: text of the query', upgradeCause],
      formattingOnly: false,
    })
    expect(change({ hash: '2' }, again, head)).toMatchObject({ formattingOnly: true })
  })
})

describe('base does not load with head’s programs, so the files tell', () => {
  const macro = (digest: string) => part({ kind: 'macro', name: '@m', file: 'macros/m.py', digest })
  const stamp = (digest: string) => part({ kind: 'properties', name: 'stamp', digest })
  const base = { hash: '1', parts: [query('1'), macro('1'), stamp('1')] }
  const head = { hash: '2', parts: [query('2'), macro('2'), stamp('2')] }

  test.each([
    ['nothing of the model', ['models/other.sql', 'uv.lock'], []],
    ['its own file', ['models/a.sql'], ['query: query text', 'properties: stamp']],
    [
      'a macro, which may also set what it likes',
      ['macros/m.py'],
      ['macro: @m', 'properties: stamp'],
    ],
    ['the configuration', ['warehouse/config.yaml'], ['macro: @m', 'properties: stamp']],
  ])('%s', (_, files, causes) => {
    expect(change(base, null, head, files)?.causes).toEqual([...causes, upgradeCause])
  })

  test('what no part explains is the upgrade’s', () => {
    expect(change({ hash: '1' }, null, { hash: '2' }, ['models/a.sql'])?.causes).toEqual([
      upgradeCause,
    ])
  })
})

test('an unchanged hash is no change, whatever else moved', () => {
  expect(change({ hash: '1', parts: [query('1')] }, null, { hash: '1' })).toBeUndefined()
})

test('only changes that are all upgrade count as such', () => {
  const upgrade = { kind: 'sqlmesh-upgrade', detail, file: null } as const
  const formatting = { kind: 'formatting', detail: '', file: null } as const
  expect(isUpgradeOnly({ causes: [upgrade] })).toBe(true)
  expect(isUpgradeOnly({ causes: [formatting, upgrade] })).toBe(false)
  expect(isUpgradeOnly({ causes: [] })).toBe(false)
})

describe('when base is loaded again', () => {
  const base = manifest([], old)
  const head = manifest([])
  const again = manifest([model('a')])
  const explain = (changed: string[], reload: () => Promise<typeof again>) =>
    explainUpgrade({ base, head }, filesOf(changed), reload)
  const filesOf = (changed: string[]) => ({
    changed: new Set(changed),
    installed: new Set(['uv.lock', 'requirements.txt']),
  })
  const never = () => Promise.reject(new Error('loaded'))

  test('never with the same programs, or with one commit', async () => {
    expect(await explainUpgrade({ base: head, head }, filesOf([]), never)).toBe(null)
    expect(await explainUpgrade({ base: null, head }, filesOf([]), never)).toBe(null)
  })

  test('not where only what is installed changes: it would be head', async () => {
    expect(await explain(['uv.lock'], never)).toMatchObject({ detail, rebased: head })
  })

  test('where anything else changes', async () => {
    const reload = () => Promise.resolve(again)
    expect((await explain(['uv.lock', 'models/a.sql'], reload))?.rebased).toBe(again)
  })

  test('a load that fails leaves it to the files, a defect does not', async () => {
    const fails = () => Promise.reject(new Failure('load-failed', 'no'))
    expect((await explain(['models/a.sql'], fails))?.rebased).toBe(null)
    await expect(explain(['models/a.sql'], never)).rejects.toThrow('loaded')
  })
})
