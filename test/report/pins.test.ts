import { expect, test } from 'vitest'
import { readPins } from '../../src/interpreter/pins.ts'
import { type Origin, refuseUnmet } from '../../src/interpreter/unmetPins.ts'
import { toFailure } from '../../src/platform/failure.ts'
import { aboutPins } from '../../src/report/words/pinNotices.ts'
import { dependencyFile } from '../helpers/dependencyFile.ts'
import { manifest } from '../helpers/models.ts'

/* What the commits pin, and what of it is said or refused, where 0.236.4 loaded both. */

const loaded = manifest([])

/** A requirements file, or setup.py where the text is a program. */
const pinsOf = (text: string) => {
  const path = text.startsWith('setup(') ? 'setup.py' : 'requirements.txt'
  return readPins([dependencyFile(path, text)])
}

/** Notices, and then the failure if the check is refused. */
function said(origin: Origin, base: string, head: string, loadedBase = loaded): string[] {
  const pins = { base: pinsOf(base), head: pinsOf(head) }
  const versions = { base: loadedBase.versions, head: loaded.versions }
  try {
    refuseUnmet({ origin, pins, suggestion: 'uv sync --frozen' }, versions)
  } catch (thrown) {
    const { code, message, hint } = toFailure(thrown)
    return [`${code}: ${message} → ${hint}`]
  }
  const notices = aboutPins({ origin, pins }, loadedBase, loaded)
  return notices.map(({ level, code, message }) => `${level} ${code}: ${message}`)
}

test.each<[Origin, string, string]>([
  ['found', 'sqlmesh==0.236.4', 'sqlmesh===0.236.4'],
  ['found', '', ''],
  ['found', 'sqlmesh>=0.230,<0.237', 'sqlmesh>=0.236'],
  ['found', 'sqlmesh==0.236.4', 'sqlmesh'],
  ['given', 'sqlmesh>=0.230', 'sqlmesh>=0.236'],
  ['installed', 'sqlmesh @ git+https://x/y@1', 'sqlmesh @ git+https://x/y@2'],
])('nothing is to say where one version does: %s, %j, %j', (origin, base, head) => {
  expect(said(origin, base, head)).toEqual([])
})

test('what both pin, and was not loaded, is said once', () => {
  expect(said('found', 'sqlmesh==0.200.0', 'sqlmesh==0.200.0')).toEqual([
    'info pin-not-installed: Both commits pin SQLMesh 0.200.0, but the load used 0.236.4, whose code versions may be others.',
  ])
})

test.each<[string, string]>([
  ['sqlmesh==0.200.0', 'sqlmesh==0.236.4'],
  ['sqlmesh>=0.200,<0.210', 'sqlmesh>=0.230'],
  ['sqlmesh==0.200.0', 'sqlmesh'],
  ['sqlmesh @ git+https://x/y@1', 'sqlmesh @ git+https://x/y@2'],
  ['setup(1)', 'setup(2)'],
  ['sqlmesh', 'setup(1)'],
])(
  'one Python that was found is refused where it may not be both commits’: %j, %j',
  (base, head) => {
    for (const sides of [[base, head] as const, [head, base] as const]) {
      expect(said('found', ...sides)).toEqual([
        expect.stringMatching(
          /^versions-differ: Base asks for .*0\.236\.4 loaded them.* → .*`install: uv sync --frozen`/,
        ),
      ])
      expect(said('given', ...sides)).toEqual([
        expect.stringMatching(/^warning versions-differ: Base asks for .*0\.236\.4 loaded them/),
      ])
    }
  },
)

test('a file that cannot be read is named, with the reason', () => {
  expect(said('found', 'setup(1)', 'setup(2)')[0]).toContain(
    'Base asks for SQLMesh an unknown version and head for an unknown version, and 0.236.4 loaded them. What cannot be read, and may ask for another: setup.py (only running it tells).',
  )
  expect(said('found', 'setup(1)', 'setup(1)')).toEqual([
    'info pin-unknown: Which version of SQLMesh the commits ask for is not known, because of what cannot be read: setup.py (only running it tells).',
  ])
})

test('an installation that made another version than its commit pins is refused', () => {
  expect(said('installed', 'sqlmesh==0.200.0', 'sqlmesh==0.236.4')).toEqual([
    expect.stringMatching(/^versions-differ: .*Let the input `install` install/),
  ])
  const { versions } = loaded
  const old = { ...loaded, versions: { ...versions, sqlmesh: '0.200.0' } }
  expect(said('installed', 'sqlmesh==0.200.0', 'sqlmesh==0.236.4', old)).toEqual([])
})
