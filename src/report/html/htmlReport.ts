import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { visible } from '../../platform/text.ts'
import type { Presentation } from '../presentation.ts'
import { arrangeRows } from '../rows.ts'
import { stepsAfterMerge } from '../words/afterMerge.ts'
import { liveSentence } from '../words/liveText.ts'
import { SECTIONS, STATUS_LABELS } from '../words/sections.ts'
import { aboutAcceptance, besides, headline, stateOf, whyItFails } from '../words/sentences.ts'
import { PLAIN } from '../words/textStyle.ts'
import { wiringStatement } from '../words/wiringText.ts'
import { type PageRow, pageRows } from './pageRows.ts'

/** All that the page's script knows. */
export type PageData = {
  readonly statuses: typeof STATUS_LABELS
  readonly headings: { readonly steps: string; readonly lineage: string; readonly texts: string }
  readonly projects: readonly Project[]
  readonly rows: readonly PageRow[]
}

type Project = {
  readonly name: string
  readonly state: string
  readonly sentences: readonly string[]
  readonly notices: readonly { readonly level: string; readonly text: string }[]
  readonly steps: readonly { readonly text: string; readonly commands: readonly string[] }[]
  readonly compared: string
}

/**
 * The reports as one page that needs nothing besides: no request leaves it, and its policy allows none.
 * What comes from the reports is data in a block that no text can end, and the script writes it as text.
 */
export function renderHtml(presentations: readonly Presentation[]): string {
  const [script, style] = [built('page.js'), built('page.css')]
  const policy = [
    "default-src 'none'",
    `script-src '${digest(script)}'`,
    `style-src '${digest(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Unsynced</title>
<style>${style}</style>
</head>
<body>
<div id="page"><p>This report needs JavaScript. The JSON report and the job summary do not.</p></div>
<script type="application/json" id="data">${jsonForScript(pageData(presentations))}</script>
<script type="module">${script}</script>
</body>
</html>
`
}

/** What the page shows. */
export function pageData(presentations: readonly Presentation[]): PageData {
  const rows: PageRow[] = []
  for (const presentation of presentations) rows.push(...pageRows(presentation, rows.length))
  const { steps, lineage, texts } = SECTIONS
  return {
    statuses: STATUS_LABELS,
    headings: { steps: steps.heading, lineage: lineage.heading, texts: texts.heading },
    projects: presentations.map(projectOf),
    rows,
  }
}

function projectOf(presentation: Presentation): Project {
  const { report } = presentation
  const { error, base, head } = report
  const said = [
    wiringStatement(report),
    [headline(report), besides(report)].filter((text) => text !== '').join(' '),
    liveSentence(report),
    whyItFails(presentation),
    ...aboutAcceptance(presentation),
    error === null ? null : [error.side, error.file, error.message].filter(Boolean).join(': '),
    error === null ? null : error.hint,
  ]
  const commit = ({ sha, ref }: typeof base) =>
    `${sha?.slice(0, 7) ?? 'unknown'}${ref === null ? '' : ` (${ref})`}`
  return {
    name: visible(report.project),
    state: stateOf(presentation),
    sentences: said.flatMap((text) => (text ? [visible(text)] : [])),
    notices: report.notices.map(({ level, message }) => ({ level, text: visible(message) })),
    steps: stepsAfterMerge(presentation, arrangeRows(report), PLAIN).map((step) => ({
      text: visible(step.text),
      commands: step.commands.map(visible),
    })),
    compared: base.sha === null ? '' : visible(`Compared ${commit(base)} with ${commit(head)}`),
  }
}

/** Neither `</script>` nor `<!--` can be in it, and it is JSON all the same. */
function jsonForScript(data: PageData): string {
  return JSON.stringify(data).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

/** What scripts/build.mjs makes of `browser/`: beside the bundle, or in dist/ for who runs the sources. */
function built(name: string): string {
  const beside = path.join(import.meta.dirname, name)
  const file = existsSync(beside) ? beside : path.join(import.meta.dirname, '../../../dist', name)
  return readFileSync(file, 'utf8')
}

/** As a content security policy names what it allows. */
function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
