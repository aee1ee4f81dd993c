import type { ChangedFile } from './changedFiles.ts'
import type { Commits } from './commits.ts'
import type { Git } from './gitCommand.ts'

/** How the text of one file differs between two commits. */
export type FileDiff = {
  /** Where it is at head, or was at base if head has no such file. Relative to the repository root. */
  readonly path: string
  /** Where it was at base, if that is another path; null otherwise. */
  readonly from: string | null
  readonly hunks: readonly Hunk[]
}

export type Hunk = {
  /** Line of head's file at which it starts, counted from 1; 0 in a file that is gone. */
  readonly start: number
  /** `@@ -1,4 +1,6 @@` */
  readonly header: string
  /** Each with its sign: `+`, `-` or a blank. */
  readonly lines: readonly string[]
}

/** Bounds on what is read: the text is for people, who look at a few files of a few lines. */
const MOST_FILES = 300
const MOST_BYTES_OF_FILE = 256 * 1024
const MOST_BYTES = 2 * 1024 * 1024

const REGULAR = /^(100644|100755|000000)$/

/**
 * Unified diffs of changed files, by their path at head. Files that are large, binary or no files
 * are left out. Nothing that the repository configures runs, and nothing is fetched.
 *
 * @throws what git says; the caller can do without
 */
export async function readDiffs(
  git: Git,
  commits: Commits,
  changed: readonly ChangedFile[],
): Promise<ReadonlyMap<string, FileDiff>> {
  const files = changed.filter(({ mode }) => REGULAR.test(mode.base) && REGULAR.test(mode.head))
  const some = files.slice(0, MOST_FILES).map(({ path }) => path)
  if (some.length === 0) return new Map()
  const before = await sizesOf(git, commits.base, some)
  const after = await sizesOf(git, commits.head, some)
  const small = withinBounds(some, (path) => [before.get(path) ?? 0, after.get(path) ?? 0])
  if (small.length === 0) return new Map()
  const pathspecs = small.map((path) => `:(top,literal)${path}`)
  const output = await git(['diff', ...OPTIONS, commits.base, commits.head, '--', ...pathspecs])
  return new Map(parseDiff(output).map((diff) => [diff.path, diff]))
}

/** Each of these outdoes a setting that could change the format, or run a program. */
const OPTIONS = [
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--no-relative',
  '--patch',
  '--unified=3',
  '--inter-hunk-context=0',
  '--find-renames',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--ignore-submodules',
  '--submodule=short',
  '-O/dev/null',
]

/** Files as long as they stay within the bounds, in their order. */
function withinBounds(
  paths: readonly string[],
  sizes: (path: string) => readonly [number, number],
): string[] {
  let total = 0
  return paths.filter((path) => {
    const [before, after] = sizes(path)
    if (Math.max(before, after) > MOST_BYTES_OF_FILE) return false
    total += before + after
    return total <= MOST_BYTES
  })
}

/** Sizes in bytes of those files that a commit has. */
async function sizesOf(
  git: Git,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const listed = await git(['ls-tree', '-r', '-z', '--long', commit, '--', ...paths])
  const entries = listed.split('\0').flatMap((entry) => {
    const match = /^\d+ blob [0-9a-f]+ +(\d+)\t(.*)$/s.exec(entry)
    return match === null ? [] : [[match[2] as string, Number(match[1])] as const]
  })
  return new Map(entries)
}

/**
 * Parses what `git diff --patch` prints (git-diff, "Generating patch text with -p"). Files without
 * text to show, such as binary and merely renamed ones, are left out.
 */
export function parseDiff(output: string): readonly FileDiff[] {
  // A line of a file always has a sign before it, so this is no line of a file.
  const sections = output.split(/^(?=diff --git )/m)
  return sections.flatMap((section) => {
    const lines = section.split('\n')
    const first = lines.findIndex((line) => HUNK.test(line))
    if (first < 0) return []
    const before = pathIn(lines.slice(0, first), '--- ')
    const after = pathIn(lines.slice(0, first), '+++ ')
    const path = after ?? before
    if (path === null) return []
    const from = before !== null && before !== path ? before : null
    return [{ path, from, hunks: hunksIn(lines.slice(first)) }]
  })
}

const HUNK = /^(@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@)/

function hunksIn(lines: readonly string[]): Hunk[] {
  const hunks: { start: number; header: string; lines: string[] }[] = []
  for (const line of lines) {
    const match = HUNK.exec(line)
    if (match !== null) {
      hunks.push({ start: Number(match[2]), header: match[1] as string, lines: [] })
    } else if (/^[-+ ]/.test(line)) {
      hunks.at(-1)?.lines.push(line)
    }
  }
  return hunks
}

/** The path in a header line `--- a/…` or `+++ b/…`; null for `/dev/null`. */
function pathIn(header: readonly string[], start: string): string | null {
  const line = header.find((text) => text.startsWith(start))
  if (line === undefined) return null
  // Git ends a path that has blanks with a tab.
  const written = line.slice(start.length).replace(/\t$/, '')
  const path = written.startsWith('"') ? unquote(written) : written
  return path === '/dev/null' ? null : path.slice('a/'.length)
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }

/** A path as git quotes it: C escapes, and bytes in octal (git-config, `core.quotePath`). */
function unquote(quoted: string): string {
  const bytes: Buffer[] = []
  for (const match of quoted.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gs)) {
    const [, octal, escaped, plain] = match
    if (octal !== undefined) bytes.push(Buffer.from([Number.parseInt(octal, 8)]))
    else if (escaped !== undefined)
      bytes.push(Buffer.from([ESCAPES[escaped] ?? escaped.charCodeAt(0)]))
    else bytes.push(Buffer.from(plain ?? ''))
  }
  return Buffer.concat(bytes).toString()
}
