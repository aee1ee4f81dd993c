import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Side } from '../../src/platform/failure.ts'
import { compareManifests } from '../../src/sqlmesh/changes.ts'
import { loadEnvironment } from '../../src/sqlmesh/loadEnvironment.ts'
import { EVERYTHING } from '../../src/sqlmesh/probe.ts'
import { versionsQuestion } from '../../src/sqlmesh/snapshotVersions.ts'
import { sql } from '../e2e/edits/edit.ts'
import { duckdbConfig } from '../helpers/duckdb.ts'
import { askVersions, loadManifest, probeOf } from '../helpers/probing.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'

const config = duckdbConfig('db')

const externals = '- name: raw.events\n  columns:\n    id: int\n    amount: int\n    day: text\n'

const query = 'SELECT id, amount, day FROM raw.events'
const timeRange = (more = '') => `INCREMENTAL_BY_TIME_RANGE (time_column day${more})`

/** Each schema is one edit of `m`; `child` reads its columns, `star` all of them. */
const edits: Readonly<Record<string, readonly [base: object, head: object]>> = {
  formatting: [{ query }, { query: query.replaceAll(' ', '  ') }],
  filter: [{ query }, { query: `${query} WHERE id > 1` }],
  column: [{ query }, { query: query.replace(' FROM', ', 1 AS one FROM') }],
  cron: [
    { query, settings: ["cron '@daily'"] },
    { query, settings: ["cron '@hourly'"] },
  ],
  kind: [{ query }, { query, kind: 'VIEW' }],
  table: [{ query }, { query, settings: ['depends_on (raw.users)'] }],
  parent: [{ query }, { query, settings: ['depends_on (filter.child)'] }],
  forward: [
    { query, kind: timeRange(', forward_only true') },
    { query: `${query} WHERE id > 1`, kind: timeRange(', forward_only true') },
  ],
}

const modelsOf = (position: 0 | 1): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(edits).flatMap(([edit, shapes]) => [
      [`models/${edit}/m.sql`, sql(edit, shapes[position])],
      [
        `models/${edit}/child.sql`,
        sql(edit, { model: 'child', query: `SELECT id FROM ${edit}.m` }),
      ],
      [`models/${edit}/star.sql`, sql(edit, { model: 'star', query: `SELECT * FROM ${edit}.m` })],
    ]),
  )

test('snapshot versions that a change makes new, by SQLMesh’s own categories', async () => {
  await using folder = await temporaryFolder()
  const tree = join(folder.path, 'tree')
  const kept = join(folder.path, 'kept')
  await mkdir(kept)

  const laidOut = async (side: Side) => {
    await rm(tree, { recursive: true, force: true })
    const files = { 'config.yaml': config, 'external_models.yaml': externals }
    await writeFiles(tree, { ...files, ...modelsOf(side === 'base' ? 0 : 1) })
    const scratch = join(folder.path, `scratch-${side}`)
    const environment = loadEnvironment(process.env, [], scratch)
    const place = { python: sqlmeshPython, tree, projects: ['.'], workspace: folder.path }
    return {
      side,
      ...place,
      gateway: null,
      distributions: [],
      timeoutSeconds: 100,
      environment,
      given: [],
    }
  }
  const base = await loadManifest(await laidOut('base'), EVERYTHING, kept)
  const load = await laidOut('head')
  const head = await loadManifest(load, EVERYTHING, kept)
  const question = versionsQuestion(compareManifests(base, head), base, head, null)
  await using probe = probeOf(load)
  const versions = await askVersions(probe, load, question, kept)

  const versionsOf = (edit: string) =>
    ['m', 'child', 'star'].map((model) => versions.get(`"db"."${edit}"."${model}"`)).join(' ')
  expect(Object.fromEntries(Object.keys(edits).map((edit) => [edit, versionsOf(edit)]))).toEqual({
    formatting: 'reused reused reused',
    filter: 'new new new',
    column: 'new reused new',
    cron: 'new reused reused',
    kind: 'new new new',
    table: 'reused reused reused',
    parent: 'new new new',
    forward: 'reused reused reused',
  })
})
