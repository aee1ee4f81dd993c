import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What a repository can hold to have a program run, and the plain git command that springs it. */
export type Trap = {
  readonly name: string
  /** Lines of .git/config. */
  readonly config?: string
  /** Files below .git; programs where their text starts with `#!`. */
  readonly files?: Readonly<Record<string, string>>
  readonly springs: readonly string[]
}

export type Program = { readonly path: string; readonly mark: string }

/** A program that leaves its mark, under a name with which it can also be a remote's helper. */
export async function program(folder: string): Promise<Program> {
  const path = join(folder, 'git-remote-trap')
  const mark = join(folder, 'mark')
  await writeFile(path, `#!/bin/sh\ntouch ${mark}\n`)
  await chmod(path, 0o755)
  return { path, mark }
}

/** Puts a trap into the `.git` folder of a clone. */
export async function plant({ config = '', files = {} }: Trap, gitFolder: string): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = join(gitFolder, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { flag: 'a' })
    if (text.startsWith('#!')) await chmod(file, 0o755)
  }
  await writeFile(join(gitFolder, 'config'), config, { flag: 'a' })
}

/** Attributes of the commits that the traps below count on. */
export const ATTRIBUTES = `models/* filter=x diff=x
seeds/* filter=lfs
`

/** @param elsewhere a `.git` folder that the clone may borrow objects from */
export function traps({ path, mark }: Program, elsewhere: string): readonly Trap[] {
  const hook = `#!/bin/sh\ntouch ${mark}\n`
  const checkout = ['checkout-index', '--all', '--force', '--prefix=sprung/']
  const compare = ['diff', 'HEAD~1', 'HEAD']
  const status = ['status']
  const monitor = `[core]\n  fsmonitor = ${path}\n`
  const filter = (name: string, command: string) =>
    `[filter "${name}"]\n  ${command} = ${path}\n  required = true\n`
  const hooks = [
    ['post-checkout', ['checkout', '--quiet', '--detach', 'HEAD']],
    ['post-index-change', ['read-tree', 'HEAD']],
    ['reference-transaction', ['update-ref', 'refs/heads/sprung', 'HEAD']],
    ['post-rewrite', ['commit', '--quiet', '--amend', '--no-edit']],
  ] as const
  return [
    ...hooks.map(([name, springs]) => ({
      name: `hook ${name}`,
      files: { [`hooks/${name}`]: hook },
      springs,
    })),
    {
      name: 'core.hooksPath',
      config: `[core]\n  hooksPath = .git/others\n`,
      files: { 'others/post-checkout': hook },
      springs: ['checkout', '--quiet', '--detach', 'HEAD'],
    },
    { name: 'core.fsmonitor', config: monitor, springs: status },
    { name: 'filter.x.smudge', config: filter('x', 'smudge'), springs: checkout },
    { name: 'filter.x.process', config: filter('x', 'process'), springs: checkout },
    {
      name: 'filter.x.clean',
      config: filter('x', 'clean'),
      springs: ['add', '--renormalize', '.'],
    },
    { name: 'filter.lfs.smudge', config: filter('lfs', 'smudge'), springs: checkout },
    { name: 'filter.lfs.process', config: filter('lfs', 'process'), springs: checkout },
    {
      name: 'info/attributes',
      config: filter('a b.c=d', 'smudge'),
      files: { 'info/attributes': `* "filter=a b.c=d"\n* filter=y\n` },
      springs: ['-c', `filter.y.smudge=${path}`, ...checkout],
    },
    {
      name: 'core.attributesFile',
      config: `${filter('y', 'smudge')}[core]\n  attributesFile = .git/more-attributes\n`,
      files: { 'more-attributes': 'config.yaml filter=y\n' },
      springs: checkout,
    },
    { name: 'diff.external', config: `[diff]\n  external = ${path}\n`, springs: compare },
    { name: 'diff.x.command', config: `[diff "x"]\n  command = ${path}\n`, springs: compare },
    {
      name: 'diff.x.textconv',
      config: `[diff "x"]\n  textconv = ${path}\n  cachetextconv = true\n`,
      springs: compare,
    },
    ...['include', 'includeIf "gitdir:**"', 'includeIf "hasconfig:remote.*.url:file://**"'].map(
      (section) => ({
        name: section,
        config: `[${section}]\n  path = included\n`,
        files: { included: monitor },
        springs: status,
      }),
    ),
    {
      name: 'extensions.worktreeConfig',
      config: '[extensions]\n  worktreeConfig = true\n',
      files: { 'config.worktree': monitor },
      springs: status,
    },
    {
      name: 'alias',
      config: ['rev-parse', 'fetch', 'diff-tree', 'read-tree', 'trap']
        .map((name) => `[alias]\n  ${name} = !${path}\n`)
        .join(''),
      springs: ['trap'],
    },
    {
      name: 'core.alternateRefsCommand',
      config: `[core]\n  alternateRefsCommand = ${path}\n`,
      files: { 'objects/info/alternates': `${join(elsewhere, 'objects')}\n` },
      springs: ['fetch', 'origin', '+refs/heads/*:refs/sprung/*'],
    },
  ]
}

/** Traps in the way to the remote, each of which keeps the others from being reached. */
export function remoteTraps({ path }: Program): readonly Trap[] {
  const springs = ['ls-remote', 'origin']
  return [
    {
      name: 'remote.origin.uploadpack',
      config: `[remote "origin"]\n  uploadpack = ${path}\n`,
      springs,
    },
    { name: 'remote.origin.vcs', config: '[remote "origin"]\n  vcs = trap\n', springs },
    {
      name: 'url.insteadOf',
      config: `[url "ext::${path} "]\n  insteadOf = file://\n[protocol "ext"]\n  allow = always\n`,
      springs,
    },
  ]
}
