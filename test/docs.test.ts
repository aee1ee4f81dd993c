import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { actionFile, root } from './helpers/actionFile.ts'

/** Folders whose pages are not ours, or not for readers. */
const LEFT_OUT = ['node_modules', '.cache', '.git', 'test']

const pages = globSync(['**/*.md', '.github/**/*.md'], {
  cwd: root,
  exclude: (name) => LEFT_OUT.includes(path.basename(name)),
})

const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

/** Without fenced blocks, where nothing is a link or a heading. */
const prose = (file: string) => read(file).replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '')

/** As GitHub makes them of headings: lower case, without punctuation, dashes for blanks. */
function anchorsOf(file: string): string[] {
  const headings = [...prose(file).matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] as string)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe.each(pages)('%s', (file) => {
  test('its links lead somewhere in this repository', () => {
    const links = [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string)
    const broken = links
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [place = '', anchor] = link.split('#')
        const target = place === '' ? file : path.posix.join(path.posix.dirname(file), place)
        if (!existsSync(path.join(root, target))) return true
        return anchor !== undefined && !anchorsOf(target).includes(anchor)
      })
    expect(broken).toEqual([])
  })

  test('its workflows give this action inputs that it has', () => {
    const steps = [...read(file).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].flatMap((match) =>
      stepsIn(parse(match[1] as string)),
    )
    const given = steps
      .filter((step) => /\/unsynced@/.test(step.uses ?? ''))
      .flatMap((step) => Object.keys(step.with ?? {}))
    expect(given.filter((name) => !(name in actionFile.inputs))).toEqual([])
  })
})

describe('docs/troubleshooting.md', () => {
  const text = read('docs/troubleshooting.md')

  test('has a section for each error code, and no other', () => {
    const union = /export type FailureCode =\n((?: {2}\| '[a-z-]+'\n)+)/.exec(
      read('src/platform/failure.ts'),
    )
    const codes = [...(union?.[1] ?? '').matchAll(/'(.+)'/g)].map((match) => match[1])
    expect(codes).toContain('internal')
    const sections = [...text.matchAll(/^### `(.+)`$/gm)].map((match) => match[1])
    expect(sections.sort()).toEqual(codes.sort())
  })

  test('has a line for each notice code, and no other', () => {
    const written = [
      ['src/report/words/notices.ts', /\bcode: '([a-z-]+)'/g],
      ['src/report/words/pinNotices.ts', /\bcode: '([a-z-]+)'/g],
      ['src/report/withLive.ts', /\bcode: '([a-z-]+)'/g],
      ['python/unsynced/load/catalogs.py', /notices\.add\(\s*"([a-z-]+)"/g],
      ['python/unsynced/definitions.py', /\[\{"code": "([a-z-]+)"/g],
    ] as const
    const codes = written.flatMap(([file, pattern]) => {
      const found = [...read(file).matchAll(pattern)].map((match) => match[1] as string)
      expect(found, file).not.toEqual([])
      return found
    })
    // The one code that is put together; head never fails second.
    expect(read('src/report/words/notices.ts')).toMatch(/code: `\$\{side\}-failed`/)
    const wanted = new Set([...codes, 'base-failed'])
    const lines = [...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1])
    expect(lines.sort()).toEqual([...wanted].sort())
  })
})

type Step = { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }

/** Every step anywhere in a workflow, or in a part of one. */
function stepsIn(node: unknown): Step[] {
  if (node === null || typeof node !== 'object') return []
  const own = 'uses' in node ? [node as Step] : []
  return [...own, ...Object.values(node).flatMap(stepsIn)]
}
