import { spawn } from 'node:child_process'
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { git } from '../../helpers/git.ts'
import type { Content, Tree } from './tree.ts'

/** Makes a repository with a commit of each of these, and clones of their submodules, quickly. @returns the commits' SHAs */
export async function commitAll(
  folder: string,
  trees: readonly Tree[],
): Promise<readonly string[]> {
  await git(folder, ['init', '--quiet', '--initial-branch=main'])
  const importing = spawn('git', ['-C', folder, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const said = text(importing.stdout)
  const stream: Buffer[] = []
  let marks = 0
  const commit = (entries: readonly Buffer[]): number => {
    marks += 1
    const head = `commit refs/heads/c${marks}\nmark :${marks}\ncommitter A <a@example.com> 1767600000 +0000\ndata 0\ndeleteall\n`
    stream.push(Buffer.from(head), ...entries)
    return marks
  }
  const commitTree = (tree: Tree): number =>
    commit(
      Object.entries(withModules(tree)).flatMap(([path, content]) => {
        if (isSubmodule(content))
          return [Buffer.from(`M 160000 :${commitTree(content.submodule)} ${path}\n`)]
        return [Buffer.from(`M ${modeOf(content)} inline ${path}\n`), data(bytesOf(content))]
      }),
    )
  for (const tree of trees) {
    const mark = commitTree(tree)
    stream.push(Buffer.from(`get-mark :${mark}\n`))
  }
  importing.stdin.end(Buffer.concat(stream))
  const commits = (await said).trim().split('\n')
  const modules = new Set(trees.flatMap((tree) => submodulesOf(tree)))
  for (const path of modules) await cloneSubmodule(folder, path)
  return commits
}

/** A clone where git puts those of submodules: with all of the repository's objects. */
async function cloneSubmodule(folder: string, path: string): Promise<void> {
  const modules = join(folder, '.git', 'modules', path)
  await git(folder, ['init', '--quiet', '--bare', modules])
  const objects = `${join(folder, '.git', 'objects')}\n`
  await writeFile(join(modules, 'objects', 'info', 'alternates'), objects)
}

/** Writes what a whole checkout of the commit has, with submodules. */
export async function writeTree(folder: string, tree: Tree): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const [path, content] of Object.entries(withModules(tree))) {
    const place = join(folder, path)
    await mkdir(dirname(place), { recursive: true })
    if (isSubmodule(content)) await writeTree(place, content.submodule)
    else if (isLink(content)) await symlink(content.link, place)
    else {
      await writeFile(place, bytesOf(content))
      if (modeOf(content) === '100755') await chmod(place, 0o755)
    }
  }
}

function submodulesOf(tree: Tree): readonly string[] {
  return Object.entries(tree)
    .filter(([, content]) => isSubmodule(content))
    .map(([path]) => path)
}

function withModules(tree: Tree): Tree {
  const paths = submodulesOf(tree)
  if (paths.length === 0) return tree
  const about = (path: string) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ../${path}\n`
  return { ...tree, '.gitmodules': paths.map(about).join('') }
}

function isSubmodule(content: Content): content is Extract<Content, { submodule: unknown }> {
  return typeof content === 'object' && 'submodule' in content
}

function isLink(content: Content): content is Extract<Content, { link: string }> {
  return typeof content === 'object' && 'link' in content
}

function bytesOf(content: Exclude<Content, { submodule: unknown }>): Buffer {
  if (Buffer.isBuffer(content)) return content
  if (typeof content === 'string') return Buffer.from(content)
  return Buffer.from('link' in content ? content.link : content.program)
}

function modeOf(content: Content): string {
  if (typeof content === 'string' || Buffer.isBuffer(content)) return '100644'
  return isLink(content) ? '120000' : '100755'
}

function data(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`data ${content.length}\n`), content, Buffer.from('\n')])
}
