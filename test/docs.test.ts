import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { actionFile, root } from './helpers/actionFile.ts'

const pages = execFileSync('git', ['ls-files', '-z', '*.md', '.github/*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && !file.startsWith('test/'))

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

type Step = { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }

/** Every step anywhere in a workflow, or in a part of one. */
function stepsIn(node: unknown): Step[] {
  if (node === null || typeof node !== 'object') return []
  const own = 'uses' in node ? [node as Step] : []
  return [...own, ...Object.values(node).flatMap(stepsIn)]
}
