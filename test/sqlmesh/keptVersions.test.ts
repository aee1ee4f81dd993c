import { expect, test } from 'vitest'
import type { ModelChange } from '../../src/sqlmesh/changes.ts'
import { modelsThatKeepVersions } from '../../src/sqlmesh/keptVersions.ts'
import type { Model } from '../../src/sqlmesh/manifest.ts'
import { fqn, manifest, model, part } from '../helpers/models.ts'

const change = (view: string, differences: Partial<ModelChange> = {}): ModelChange => {
  const causes = [{ kind: 'query', detail: 'WHERE changed', file: null } as const]
  return { fqn: fqn(view), causes, formattingOnly: false, ...differences }
}
const reformatted = (view: string) => change(view, { formattingOnly: true })
const upgraded = (view: string) =>
  change(view, { causes: [{ kind: 'sqlmesh-upgrade', detail: '0.1 → 0.2', file: null }] })

const kept = (base: readonly Model[], head: readonly Model[], ...changes: ModelChange[]) => [
  ...modelsThatKeepVersions(
    new Map(changes.map((one) => [one.fqn, one])),
    manifest(base),
    manifest(head),
  ),
]

const family = [model('a'), model('b', {}, ['a']), model('c', {}, ['b'])]

test('a change of the text or of SQLMesh alone keeps a version', () => {
  expect(kept(family, family, reformatted('a'), upgraded('b'))).toEqual([fqn('a'), fqn('b')])
  expect(kept(family, family, change('a'))).toEqual([])
})

test('it says nothing below another change', () => {
  expect(kept(family, family, change('a'), reformatted('b'), upgraded('c'))).toEqual([])
  expect(kept(family, family, reformatted('a'), change('b'), reformatted('c'))).toEqual([fqn('a')])
  const withoutA = family.slice(1)
  expect(kept(family, withoutA, reformatted('b'))).toEqual([])
  expect(kept(withoutA, family, reformatted('b'))).toEqual([])
  const other = [family[0] as Model, model('b'), family[2] as Model]
  expect(kept(family, other, reformatted('c'))).toEqual([])
})

test('a materialized view has all below it move with any change above it', () => {
  const view = model('b', { materializedView: true }, ['a'])
  const viewed = [model('a'), view, model('c', {}, ['b'])]
  expect(kept(viewed, viewed, reformatted('a'), reformatted('c'))).toEqual([fqn('a')])
})

const forward = { reusesVersion: 'forward-only', kind: 'INCREMENTAL_BY_TIME_RANGE' } as const
const pinned = (version: string) => {
  const parts = [part({ kind: 'properties', name: 'physical_version', digest: version })]
  return { reusesVersion: 'pinned' as const, parts }
}
const bare = { reusesVersion: 'no-virtual-environment' } as const

test.each<[string, Partial<Model>, Partial<Model>, boolean]>([
  ['forward-only models', forward, forward, true],
  ['but not of another kind', forward, { ...forward, kind: 'INCREMENTAL_BY_UNIQUE_KEY' }, false],
  ['or not before', { kind: forward.kind }, forward, false],
  ['or not after', forward, { kind: forward.kind }, false],
  ['models with a pinned version', pinned('1'), pinned('1'), true],
  ['but not another one', pinned('1'), pinned('2'), false],
  ['models without virtual environments', bare, { ...bare, kind: 'VIEW' }, true],
  ['but not new ones', {}, bare, false],
])('versions outlive every change of %s', (_, base, head, outlives) => {
  const found = kept([model('a', base)], [model('a', head)], change('a'))
  expect(found).toEqual(outlives ? [fqn('a')] : [])
})
