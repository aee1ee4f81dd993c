import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { isInside } from '../../src/sandbox/comparePaths.ts'
import { placesOfPython } from '../../src/sandbox/pythonPlaces.ts'
import { shownPlaces } from '../../src/sandbox/shownPlaces.ts'
import { root } from '../helpers/actionFile.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'

/** A machine on which all of these lie below /tmp, which is hidden anyway. */
async function machine() {
  const folder = await temporaryFolder()
  const at = (path: string) => join(folder.path, path)
  const file = async (path: string, text = 'x') => {
    await mkdir(dirname(at(path)), { recursive: true })
    await writeFile(at(path), text)
  }
  const link = async (path: string, target: string) => {
    await mkdir(dirname(at(path)), { recursive: true })
    await symlink(target, at(path))
  }
  const whole = 'home/.pyenv/versions/3.12'
  await file(`${whole}/lib/python3.12/os.py`)
  await file(`${whole}/bin/python3.12`)
  const environment = async (path: string, home = at(`${whole}/bin`)) => {
    await file(`${path}/pyvenv.cfg`, `home = ${home}\n`)
    await link(`${path}/bin/python`, at(`${whole}/bin/python3.12`))
  }
  for (const path of [
    'work/.git/config',
    'work/fakepy',
    'work/tools/fakepy',
    'temp/token',
    'key',
  ]) {
    await file(path)
  }
  const hidden = {
    sealed: [at('key'), at('work/.git')],
    covers: [at('home/.ssh'), at('temp')],
  }
  const { whyHidden, show } = shownPlaces(hidden, at('work'))
  return {
    at,
    file,
    link,
    environment,
    whole,
    whyHidden,
    show,
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  }
}

test('an environment is shown wherever it is, with the Python that it was made with', async () => {
  await using place = await machine()
  const { at, whole } = place
  for (const path of ['work/.venv', 'temp/venv', 'home/.venvs/a']) {
    await place.environment(path)
    const python = at(`${path}/bin/python`)
    expect(placesOfPython(python)).toEqual([at(path), at(whole)])
    expect(place.whyHidden(python, python)).toBe(null)
    const { show } = place.show([at('work')], { python, unasked: false })
    expect(show).toEqual([at('work'), at(path), at(whole)])
  }
  const python = at(`${whole}/bin/python3.12`)
  expect(place.whyHidden(python, null)).toBe(null)
})

test('what an interpreter says of itself uncovers nothing', async () => {
  await using place = await machine()
  const { at } = place
  await place.environment('work/.venv')
  await place.environment('temp/venv')
  await place.file('temp/bin/python')
  await place.file('home/.ssh/bin/python')
  await place.file('home/.ssh/pyvenv.cfg')
  await place.link('work/ssh', at('home/.ssh'))
  await place.link('work/git', at('work/.git'))
  await place.file('work/.git/env/pyvenv.cfg')
  await place.file('work/.git/env/bin/python')
  const asked = at('work/.venv/bin/python')
  const lies: readonly (readonly [string, RegExp])[] = [
    ['work/.git/../fakepy', /fakepy is hidden .* no environment/],
    ['work/.git/../tools/fakepy', /tools\/fakepy is hidden .* no environment/],
    ['work/.git/config', /config is hidden .* no environment/],
    ['key', /key is hidden .* no environment/],
    ['temp/token', /token is hidden .* no environment/],
    ['temp/bin/python', /python is hidden .* no environment/],
    ['work/ssh/bin/python', /\.ssh is hidden/],
    ['work/git/env/bin/python', /\.git\/env lies in .*\.git, which is hidden/],
    ['temp/venv/bin/python', /it says that it is .*, which is not in its own environment/],
  ]
  for (const [path, why] of lies) {
    // As it is written: path.join would take `..` away.
    const python = `${at('.')}/${path}`
    expect(place.whyHidden(python, asked), path).toMatch(why)
    // Nor where a tool or a path that the workflow gives says so; but that may name another environment.
    if (path.startsWith('temp/venv')) continue
    expect(place.whyHidden(python, null), path).toMatch(why)
    expect(() => place.show([], { python, unasked: false }), path).toThrow(
      expect.objectContaining({ code: 'isolation', message: expect.stringMatching(why) }),
    )
  }
})

test('nor does what a virtual environment says of the Python that it was made with', async () => {
  await using place = await machine()
  const { at } = place
  const python = at('work/.venv/bin/python')
  await place.file('work/.venv/bin/python', '#!/bin/sh\n')
  await place.file('home/.ssh/bin/python')
  for (const home of [at('home/.ssh/bin'), at('work/.git/hooks'), `${at('temp/x')}/../bin`]) {
    await place.file('work/.venv/pyvenv.cfg', `home = ${home}\n`)
    expect(placesOfPython(python)).toEqual([at('work/.venv')])
  }
  // With a library that somebody puts there it is a Python, but a hidden place stays one.
  await place.file('temp/lib/python3.12/os.py')
  await place.file('work/.venv/pyvenv.cfg', `home = ${at('temp/bin')}\n`)
  expect(place.whyHidden(python, python)).toMatch(/temp is hidden/)
})

test('a program that nobody has asked yet is shown alone, and not from a sealed place', async () => {
  await using place = await machine()
  const { at } = place
  await place.file('temp/bin/run')
  const { show } = place.show([], { python: at('temp/bin/run'), unasked: true })
  expect(new Set(show)).toEqual(new Set([at('temp/bin/run')]))

  await place.link('work/.venv/bin/python', at('key'))
  const asked = { python: at('work/.venv/bin/python'), unasked: true }
  expect(() => place.show([], asked)).toThrow(/key lies in .*key, which is hidden/)
})

test('what is hidden in a shown environment stays hidden, git’s folders too', async () => {
  await using place = await machine()
  const { at } = place
  await place.environment('temp/venv')
  await place.file('temp/venv/src/private/.git/config')
  const python = at('temp/venv/bin/python')

  const { hide } = place.show([], { python, unasked: false })

  expect(hide).toContain(at('temp/venv/src/private/.git'))
  expect(hide).toContain(at('work/.git'))
})

test('nothing of the workflow’s or of ours is shown from a sealed place', async () => {
  await using place = await machine()
  const { at } = place
  expect(() => place.show([at('work/.git')], null)).toThrow(/\.git lies in/)
  await place.link('temp/git', at('work/.git'))
  expect(() => place.show([at('temp/git')], null)).toThrow(/\.git lies in/)
  await place.link('temp/tool', at('home'))
  expect(place.show([at('temp/tool')], null).show).toEqual([at('temp/tool'), at('home')])
})

test('an environment that is found in the checkout names a Python of the machine, or its own', async ({
  skip,
}) => {
  skip(isInside(await realpath(root), '/tmp'), 'this clone lies in /tmp, which is hidden')
  // Where nothing has to be shown, because nothing of it is hidden.
  await mkdir(join(root, '.cache'), { recursive: true })
  const folder = await mkdtemp(join(root, '.cache', 'machine-'))
  const at = (path: string) => join(folder, path)
  try {
    await writeFiles(folder, {
      ...{ 'work/.venv/bin/python': '', 'work/fakepy': '', 'other/bin/fakepy': '' },
      ...{ 'python/bin/python3': '', 'python/lib/python3.12/os.py': '' },
    })
    const { whyHidden } = shownPlaces({ sealed: [], covers: [] }, at('work'))
    const asked = at('work/.venv/bin/python')
    expect(whyHidden(asked, asked)).toBe(null)
    expect(whyHidden(at('python/bin/python3'), asked)).toBe(null)
    for (const other of ['work/.venv/../fakepy', 'other/bin/fakepy']) {
      expect(whyHidden(`${folder}/${other}`, asked)).toMatch(/not in its own environment/)
      // A tool that the workflow names may start whatever it wants.
      expect(whyHidden(`${folder}/${other}`, null)).toBe(null)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
