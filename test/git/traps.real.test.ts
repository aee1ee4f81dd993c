import { existsSync } from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRepository } from '../../src/git/repository.ts'
import { git, type Origin, temporaryOrigin } from '../helpers/git.ts'
import { recordResult } from '../helpers/results.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { readLikeACheck } from './reading.ts'
import { ATTRIBUTES, plant, program, remoteTraps, traps } from './traps.ts'

/*
 * Each trap runs a program when plain git is used, which is tried first. When a check uses git none
 * does: neither where the repository is found like that, nor where the project's code sets it up.
 */

const folder = await temporaryFolder()
const trap = await program(folder.path)
const elsewhere = join(folder.path, 'elsewhere', '.git')
const local = traps(trap, elsewhere)
const remote = remoteTraps(trap)
const PATH = `${folder.path}:${process.env['PATH']}`

let origin: Origin
let base: string
/** A clone of the last commit alone, so that base has to be fetched. */
let shallow: string
let full: string
let copies = 0

beforeAll(async () => {
  origin = await temporaryOrigin()
  const files = { '.gitattributes': ATTRIBUTES, 'config.yaml': 'x', 'seeds/a.csv': 'id\n' }
  base = await origin.commit({ ...files, 'models/a.sql': 'SELECT 1\n' }, 'Base')
  await origin.commit({ 'models/a.sql': 'SELECT 2\n' }, 'Head')
  shallow = await origin.checkout({ ref: 'refs/heads/main', depth: 1 })
  full = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
  await cp(join(full, '.git'), elsewhere, { recursive: true })
  process.env['PATH'] = PATH
})

afterAll(async () => {
  recordResult('traps', { traps: local.length + remote.length })
  await origin[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

async function copyOf(clone: string): Promise<string> {
  copies += 1
  const copy = join(folder.path, `copy-${copies}`)
  await cp(clone, copy, { recursive: true })
  await rm(trap.mark, { force: true })
  return copy
}

test.each([...local, ...remote].map((one) => [one.name, one] as const))(
  'plain git runs the program: %s',
  async (_, one) => {
    const clone = await copyOf(full)
    await plant(one, join(clone, '.git'))
    await git(clone, one.springs, { env: { PATH } }).catch(() => '')
    expect(existsSync(trap.mark)).toBe(true)
  },
)

const right = {
  base: { 'models/a.sql': 'SELECT 1\n' },
  head: { 'models/a.sql': 'SELECT 2\n' },
  changed: ['models/a.sql'],
  shown: ['models/a.sql'],
}

test('a repository full of traps: no program runs, and the files are right', async () => {
  const clone = await copyOf(shallow)
  for (const one of local) await plant(one, join(clone, '.git'))
  expect(await readLikeACheck(clone, base)).toMatchObject(right)
  expect(existsSync(trap.mark)).toBe(false)
})

test('the project’s code sets the traps, before the rest of the files is written', async () => {
  const clone = await copyOf(shallow)
  const read = await readLikeACheck(clone, base, async () => {
    for (const one of [...local, ...remote]) await plant(one, join(clone, '.git'))
  })
  expect(read).toMatchObject(right)
  expect(existsSync(trap.mark)).toBe(false)
})

test.each(remote.map((one) => [one.name, one] as const))(
  'a fetch runs no program of the repository: %s',
  async (_, one) => {
    const clone = await copyOf(shallow)
    await plant(one, join(clone, '.git'))
    // Base cannot be had where the way to it is a trap.
    const read = readLikeACheck(clone, base)
    await read.catch((error) => expect(error).toMatchObject({ code: 'git', side: 'base' }))
    expect(existsSync(trap.mark)).toBe(false)
  },
)

/** What git is told not to run on every command line; the rest is never asked for in the user's repository. */
const STOPPED = /^(hook|core\.fsmonitor|core\.alternateRefsCommand)/

test('nor would any other command that is given in the user’s repository', async () => {
  const clone = await copyOf(full)
  const { git: command } = await openRepository(clone)
  for (const one of local.filter(({ name }) => STOPPED.test(name))) {
    await plant(one, join(clone, '.git'))
    await command(one.springs).catch(() => '')
    expect(existsSync(trap.mark), one.name).toBe(false)
  }
})
