import { expect, test } from 'vitest'
import { dataVersionRule, stampedBy } from '../../src/dagster/dataVersions.ts'
import { custom } from '../../src/dagster/integrations/custom.ts'
import { publishedIntegration } from '../../src/dagster/integrations/registry.ts'
import { graphOf } from '../oracle/scenario.ts'

const detected = (name: 'dg-sqlmesh' | 'dagster-sqlmesh' | 'custom', version: string | null) => {
  return { integration: publishedIntegration(name) ?? custom(null), version, assumed: false }
}

test.each([
  ['dg-sqlmesh', '0.1.1', 'snapshot'],
  ['dg-sqlmesh', null, 'snapshot'],
  ['dg-sqlmesh', '1.10.1', 'dagster'],
  ['dagster-sqlmesh', '0.22.0', 'dagster'],
  ['dagster-sqlmesh', null, 'dagster'],
  ['custom', null, 'snapshot'],
  ['custom', '1.0.0', 'snapshot'],
] as const)('%s %s stamps data versions of its own: %s', (name, version, kind) => {
  expect(stampedBy('auto', detected(name, version))).toBe(kind)
  expect(dataVersionRule('auto', detected(name, version), () => 'new').kind).toBe(kind)
})

test('what is asked for goes before what an integration does', () => {
  expect(stampedBy('dagster', detected('custom', null))).toBe('dagster')
  expect(stampedBy('snapshot', detected('dagster-sqlmesh', '0.22.0'))).toBe('snapshot')
})

test.each([
  [['reused', 'new', 'unknown'], 'new'],
  [['reused', 'unknown'], 'unknown'],
  [['reused', 'reused'], 'reused'],
] as const)(
  'an asset of several models whose versions are %s has a %s one',
  (versions, together) => {
    const models = versions.map((version, index) => `${version} ${index}`)
    const rule = dataVersionRule('snapshot', detected('custom', null), (fqn) => {
      return fqn.split(' ')[0] as 'new' | 'reused' | 'unknown'
    })
    const [asset] = [...graphOf({ a: {} }).values()]
    if (asset === undefined || rule.kind !== 'snapshot') throw new Error('there is nothing to ask')
    expect(rule.versionOf({ ...asset, models })).toBe(together)
  },
)
