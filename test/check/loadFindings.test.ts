import { expect, test } from 'vitest'
import { withLoads } from '../../src/check/loadFindings.ts'
import { Failure } from '../../src/platform/failure.ts'
import { nothingFound } from '../../src/report/findings.ts'
import { EVERYTHING } from '../../src/sqlmesh/probe.ts'
import { manifest } from '../helpers/models.ts'

const commit = (absent: readonly string[], sqlmesh = '0.236.4') => ({
  manifest: manifest([], { sqlmesh }),
  definitions: null,
  absent,
})
const extents = { base: EVERYTHING, head: EVERYTHING }
const found = (loads: Parameters<typeof withLoads>[1]) =>
  withLoads(nothingFound('warehouse'), loads)

test('a project of one commit alone is new or removed, one of neither is not', () => {
  const both = { base: commit(['new', 'never']), head: commit(['gone', 'never']), extents }
  const messages = found({ kind: 'loaded', both }).notices.map(({ message }) => message)
  expect(messages).toEqual([
    'The base commit has no SQLMesh project in `new`, so all its assets are new.',
    'The head commit has no SQLMesh project in `gone`, so all its assets are removed.',
  ])
})

test('what base told stays known where head fails', () => {
  const failure = new Failure('load-failed', 'no', { side: 'head' })
  const base = commit([], '0.213.0')
  const { subject } = found({ kind: 'failed', failure, base, head: null, baseFailure: null })
  expect(subject.sqlmesh).toEqual({ base: '0.213.0', head: null })
})

test('that base fails as well is a notice beside head’s failure', () => {
  const failure = new Failure('load-failed', 'head does not load', { side: 'head' })
  const baseFailure = new Failure('load-failed', 'base does not load', { side: 'base' })
  const { notices } = found({ kind: 'failed', failure, base: null, head: null, baseFailure })
  expect(notices.map(({ message }) => message)).toEqual([
    'The base commit does not load either: base does not load',
  ])
})
