import { posix } from 'node:path'
import { plain } from './plain.ts'
import type { Content, Tree } from './tree.ts'

/** What a change needs to know of a way. */
type Read = { readonly read: string; readonly becomes: Content }
/** A project at two commits. */
export type Both = { readonly base: Tree; readonly head: Tree }
/** @returns null where it cannot be made of this */
type Make = (both: Both, read: Read) => Both | null

export type Change = keyof typeof changes

/** To the file that is read. */
const ofTheFile = {
  content: to((tree, { read, becomes }) => ({ ...tree, [read]: becomes })),
  added: ({ base, head }, { read }) => ({ base: without(base, read), head }),
  deleted: to((tree, { read }) => without(tree, read)),
  renamed: to((tree, { read }) => {
    const { dir, base } = posix.parse(read)
    return { ...without(tree, read), [posix.join(dir, `renamed_${base}`)]: tree[read] as Content }
  }),
  mode: to((tree, { read }) => {
    const text = tree[read]
    return typeof text === 'string' ? { ...tree, [read]: { program: text } } : null
  }),
  emptied: to((tree, { read }) => (isFile(tree[read]) ? { ...tree, [read]: '' } : null)),
  'made a link': to((tree, { read, becomes }) => {
    const { base } = posix.parse(read)
    if (!isFile(tree[read])) return null
    const up = '../'.repeat(read.split('/').length - 1)
    return { ...tree, [read]: { link: `${up}elsewhere/${base}` }, [`elsewhere/${base}`]: becomes }
  }),
  'beside a new one': to((tree, { read, becomes }) => {
    const { dir, base } = posix.parse(read)
    return { ...tree, [posix.join(dir, `0_${base}`)]: becomes }
  }),
} satisfies Readonly<Record<string, Make>>

const MODEL = 'wh/models/a.sql'
const edited = (tree: Tree) => ({ ...tree, [MODEL]: `${plain[MODEL]} WHERE x > 1\n` })

/** To files that only a project that reads whatever is there can see. */
const ofOthers = {
  readme: writing('README.md'),
  'notes in the project': writing('wh/docs/notes.md'),
  'a script elsewhere': writing('scripts/report.py', 'print(1)\n'),
  workflow: writing('.github/workflows/ci.yml', 'on: push\n'),
  'another model': to(edited),
  'a new model': writing(
    'wh/models/new.sql',
    'MODEL (name s.new, kind FULL);\n\nSELECT x FROM s.a\n',
  ),
} satisfies Readonly<Record<string, Make>>

/** What says nothing about models: where no Python reads other files, no more is loaded for it. */
export const harmless = Object.keys(ofOthers) as Change[]

export const changes = {
  ...ofTheFile,
  ...ofOthers,
  'content and another model': to((tree, { read, becomes }) =>
    edited({ ...tree, [read]: becomes }),
  ),
} satisfies Readonly<Record<string, Make>>

function to(change: (tree: Tree, read: Read) => Tree | null): Make {
  return ({ base, head }, read) => {
    const changed = change(head, read)
    return changed === null ? null : { base, head: changed }
  }
}

function writing(path: string, text = 'Written.\n'): Make {
  return to((tree) => (path in tree ? null : { ...tree, [path]: text }))
}

function without(tree: Tree, path: string): Tree {
  return Object.fromEntries(Object.entries(tree).filter(([name]) => name !== path))
}

function isFile(content: Content | undefined): boolean {
  return typeof content === 'string' || Buffer.isBuffer(content)
}
