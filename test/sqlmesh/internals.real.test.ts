import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { loadEnvironment } from '../../src/sqlmesh/loadEnvironment.ts'
import { duckdbConfig } from '../helpers/duckdb.ts'
import { loadManifest, PYTHON } from '../helpers/probing.ts'
import { pythonWith } from '../helpers/python.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { everyVersion, versions } from '../helpers/sqlmeshVersions.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'

/* What is private to SQLMesh is named in python/unsynced/internals.py, and missed in one sentence. */

test.each(versions)('SQLMesh %s has what internals.py says', async (version, ...others) => {
  const python = await pythonWith(`sqlmesh-${version}`, `sqlmesh==${version}`, ...others)
  const args = [join(import.meta.dirname, 'named_internals.py'), version, PYTHON]
  const { stdout } = await promisify(execFile)(python, args)

  expect(JSON.parse(stdout.trim().split('\n').at(-1) as string)).toEqual({
    elsewhere: [],
    unused: [],
    missing: [],
    unexpected: [],
    known: [everyVersion[0]?.[0], everyVersion.at(-1)?.[0]],
  })
})

/** Python that runs before anything else does, and a SQLMesh without what a release has moved. */
const moved: Readonly<Record<string, string>> = {
  'sqlmesh.core.plan.builder.PlanBuilder._is_new_snapshot':
    'from sqlmesh.core.plan.builder import PlanBuilder as owner\ndel owner._is_new_snapshot\n',
  'sqlmesh.core.context.GenericContext._loaders (and 1 more)': `from sqlmesh.core.context import GenericContext as owner
from sqlmesh.core import loader
del loader.load_sql_models
names = owner.__init__.__code__.co_names
others = tuple("_moved" if name == "_loaders" else name for name in names)
owner.__init__.__code__ = owner.__init__.__code__.replace(co_names=others)
`,
}

test.each(Object.entries(moved))('%s that is not there any more', async (name, code) => {
  await using folder = await temporaryFolder()
  const tree = join(folder.path, 'tree')
  await writeFiles(tree, {
    'config.py': 'raise RuntimeError("loaded")\n',
    'config.yaml': duckdbConfig('db'),
  })
  await mkdir(join(folder.path, 'python'))
  await writeFiles(join(folder.path, 'python'), { 'sitecustomize.py': code })
  const environment = {
    ...loadEnvironment(process.env, [], join(folder.path, 'scratch')),
    PYTHONPATH: join(folder.path, 'python'),
  }
  const place = { python: sqlmeshPython, tree, projects: ['.'], workspace: folder.path }
  const limits = { gateway: null, distributions: [], timeoutSeconds: 100, environment, given: [] }

  const loading = loadManifest({ side: 'head', ...place, ...limits })

  const shown = name.replace(/^[\w.]+/, '`$&`')
  await expect(loading).rejects.toMatchObject({
    code: 'environment',
    side: 'head',
    message: expect.stringMatching(
      /^SQLMesh 0\.236\.4 with sqlglot \S+ has no (.+), which Unsynced relies on; SQLMesh 0\.170\.0 to 0\.236\.4 are known to work\.$/,
    ),
    hint: 'Use a newer release of Unsynced, or pin `sqlmesh<=0.236.4` until there is one.',
  })
  await expect(loading).rejects.toThrow(` has no ${shown}, which`)
})
