import type { FailureCode } from '../../platform/failure.ts'
import type { Report, ReportError } from '../model.ts'
import { fileUrl, type Links, type Presentation } from '../presentation.ts'
import { aboutPrevious, headline, whyItFails } from '../words/sentences.ts'
import { MARKDOWN } from '../words/textStyle.ts'
import { block, code, link, prose, shorten, table } from './markdown.ts'

/** What is shown of an error's text. More is in the log, and nobody reads it in a comment. */
const MOST_CHARACTERS = 2000
const MOST_LINES = 30

/** The body of a document about a comparison that could not be made. */
export function failureSections(presentation: Presentation): (string | null)[] {
  const { report, links } = presentation
  const { error } = report
  if (error === null) return []
  return [
    `**${headline(report)}** ${whyItFails(presentation)}`,
    sidesTable(presentation, error),
    whoseFault(report, error),
    [`${whatFailed(error)}${whereText(error, links)}:`, errorText(error)].join('\n\n'),
    error.hint === null ? null : `**What to do:** ${prose(shorten(error.hint, MOST_CHARACTERS))}`,
    links === null ? null : `The ${link('log of this run', links.run)} has more.`,
    aboutPrevious(presentation, MARKDOWN),
  ]
}

function whatFailed({ code }: ReportError): string {
  return isKnown(code) ? WHAT[code] : 'It stopped with an error'
}

/** A report of a later release may have another. */
function isKnown(code: string): code is FailureCode {
  return Object.hasOwn(WHAT, code)
}

const WHAT: Readonly<Record<FailureCode, string>> = {
  'refused-event': 'This event must not load a pull request’s code',
  config: 'The configuration is wrong',
  git: 'Git could not give what was asked of it',
  submodule: 'The clone lacks a submodule that the project may load',
  environment: 'There is no Python environment to load the project in',
  'install-failed': 'The environment could not be installed',
  'load-failed': 'SQLMesh could not load the project',
  timeout: 'Loading the project took too long',
  protocol: 'Loading the project ended without a usable answer',
  'versions-differ': 'Base and head need different versions',
  isolation: 'The loads cannot be isolated',
  report: 'The report of an earlier job cannot be used',
  internal: 'The action itself failed',
}

function whereText({ file, side }: ReportError, links: Links | null): string {
  const on = side === null ? '' : ` at ${side}`
  if (file === null) return on
  const name = MARKDOWN.code(file)
  const linked = links !== null && file.length <= MOST_CHARACTERS
  return `${on}, in ${linked ? link(name, fileUrl(links, file, side ?? 'head')) : name}`
}

function errorText({ message }: ReportError): string {
  const lines = shorten(message, MOST_CHARACTERS).split('\n')
  const left = lines.length - MOST_LINES
  const shown = left > 0 ? [...lines.slice(0, MOST_LINES), `… ${left} more lines`] : lines
  return block(shown.join('\n'), 'text')
}

/** Where base fails too, a pull request cannot mend it alone, or is the one that does. */
function whoseFault(report: Report, { side }: ReportError): string | null {
  if (failed(report, 'base') && failed(report, 'head')) {
    return 'Neither commit loads, so the error is not this pull request’s alone.'
  }
  if (side !== 'base') return null
  const head = report.sqlmesh.head === null ? '' : ' Head does load.'
  return `The commit that this is compared with does not load, so every pull request on it stays red until it does.${head}`
}

function failed({ error, notices }: Report, side: 'base' | 'head'): boolean {
  return error?.side === side || notices.some((notice) => notice.code === `${side}-failed`)
}

function sidesTable({ report, links }: Presentation, { side: stopped, code: why }: ReportError) {
  if (report.base.sha === null && report.head.sha === null) return null
  const row = (side: 'base' | 'head') => {
    const { sha, ref } = report[side]
    const version = report.sqlmesh[side]
    // The ref of head is the pull request itself.
    const named = ref !== null && side === 'base'
    const name = named ? `${side} (${code(shorten(ref, 100))})` : side
    const loaded = version === null ? 'not loaded' : `loaded, SQLMesh ${MARKDOWN.code(version)}`
    const result = !failed(report, side)
      ? loaded
      : why === 'timeout' && side === stopped
        ? '**timed out**'
        : '**failed**'
    return [name, commitText(sha, links), result]
  }
  return table(['Side', 'Commit', 'Result'], ['left', 'left', 'left'], [row('base'), row('head')])
}

/** A commit's short id, linked where it can be. */
export function commitText(sha: string | null, links: Links | null): string {
  if (sha === null) return 'unknown'
  const short = code(sha.slice(0, 7))
  const linked = links !== null && /^[0-9a-f]{40,64}$/.test(sha)
  return linked ? link(short, `${links.repository}/commit/${sha}`) : short
}
