import type { Counts, Report, ReportAsset } from '../model.ts'
import { brokenRules } from '../policy.ts'
import {
  dagsterPage,
  fileUrl,
  fullKindText,
  keyText,
  kindText,
  type Links,
  type Presentation,
} from '../presentation.ts'
import type { Rows } from '../rows.ts'
import { firstVersionsStatement } from '../wiring.ts'
import { dependenciesText, whyOf, whyText } from '../words/causes.ts'
import { liveText } from '../words/liveText.ts'
import { firstFew, MARKDOWN } from '../words/textStyle.ts'
import { code, details, link, prose, stack, table, thousands } from './markdown.ts'

/** The numbers, in one row. */
export function countsTable(counts: Counts, wired: Report['integration']['wired']): string {
  const { head, unsynced, afterUpstream, removed } = counts
  const affected = [unsynced, afterUpstream, counts.new, removed].map(thousands)
  const rest =
    head === null ? 'not counted' : thousands(head - unsynced - afterUpstream - counts.new)
  return table(
    [onDeploy(wired), 'After upstream', 'New', 'Removed', 'Unaffected'],
    ['right', 'right', 'right', 'right', 'right'],
    [[...affected, rest]],
  )
}

/** Without a code version Dagster shows nothing, so that what becomes unsynced is a matter of wiring. */
function onDeploy(wired: Report['integration']['wired']): string {
  return wired === 'no' ? 'Unsynced once wired' : 'Unsynced on deploy'
}

/** With a hyphen at which no line is broken. */
const KNOCK_ON = 'Knock\u2011on'

/** How many rows a table has before the rest is folded away, and before it is left out. */
export type Limits = { readonly open: number; readonly all: number }

/** Assets that Dagster flags as soon as head is deployed because they changed; null if there are none. */
export function unsyncedSection(
  presentation: Presentation,
  rows: Rows,
  limits: Limits,
): string | null {
  const all = rows.changed.length + rows.upgraded.length + rows.first.length
  if (all === 0) return null
  const shown = rows.changed.slice(0, limits.open)
  const folded = rows.changed.slice(limits.open, limits.all)
  const first = firstVersionsStatement(rows)
  return stack([
    `#### ${headingOf(rows, all, presentation.report.integration.wired)}`,
    shown.length === 0 ? null : unsyncedTable(shown, presentation, rows),
    folded.length === 0
      ? null
      : details(
          `<b>Next ${thousands(folded.length)} of ${thousands(rows.changed.length)}</b>`,
          unsyncedTable(folded, presentation, rows),
        ),
    first === null ? null : prose(first),
  ])
}

function headingOf(
  { changed, upgraded }: Rows,
  all: number,
  wired: Report['integration']['wired'],
): string {
  const when = onDeploy(wired)
  if (upgraded.length === 0) return `${when} (${thousands(all)})`
  return changed.length === 0
    ? `${when} (${thousands(all)}), all by the upgrade`
    : `${when} by changed files (${thousands(changed.length)})`
}

function unsyncedTable(
  shown: readonly ReportAsset[],
  presentation: Presentation,
  { knockOn }: Rows,
): string {
  return table(
    ['Asset', 'Kind', 'Why', KNOCK_ON],
    ['left', 'left', 'left', 'right'],
    shown.map((row) => [
      assetCell(row, presentation.links),
      kindCell(row, presentation),
      whyCell(row, presentation),
      thousands(knockOn(row)),
    ]),
  )
}

/** Assets that Dagster flags although no file of theirs changed; null if there are none. */
export function upgradedSection(
  { links }: Presentation,
  { upgraded, knockOn }: Rows,
  most: number,
): string | null {
  if (upgraded.length === 0) return null
  const shown = upgraded.slice(0, most)
  const body = table(
    ['Asset', 'Kind', KNOCK_ON],
    ['left', 'left', 'right'],
    shown.map((row) => [assetCell(row, links), prose(kindText(row)), thousands(knockOn(row))]),
  )
  return details(
    `<b>Unsynced by the SQLMesh upgrade, file unchanged (${amount(shown, upgraded)})</b>`,
    body,
  )
}

function amount(shown: readonly unknown[], all: readonly unknown[]): string {
  return shown.length === all.length
    ? thousands(all.length)
    : `${thousands(shown.length)} of ${thousands(all.length)}`
}

/** Assets that Dagster flags later, and what they wait for; null if there are none. */
export function followingSection(
  { links }: Presentation,
  { following }: Rows,
  most: number,
): string | null {
  if (following.length === 0) return null
  const shown = following.slice(0, most)
  const body = table(
    ['Asset', 'Kind', 'Waits for', 'Hops', 'Confidence'],
    ['left', 'left', 'left', 'right', 'left'],
    shown.map((row) => [
      assetCell(row, links),
      prose(kindText(row)),
      firstFew(
        row.waitsFor.map((key) => code(keyText(key))),
        3,
      ),
      thousands(row.wave),
      row.confidence,
    ]),
  )
  return details(
    `<b>After upstream materializes (${amount(shown, following)})</b>, a prediction`,
    body,
  )
}

/** New and removed assets; null if there are none. */
export function newAndRemovedSection(
  presentation: Presentation,
  { added, removed }: Rows,
  most: number,
): string | null {
  if (added.length + removed.length === 0) return null
  const shown = [...added.slice(0, most), ...removed.slice(0, most)].map((row) => [
    assetCell(row, presentation.links),
    prose(kindText(row)),
    [row.status, ...brokenText(row, presentation)].join('<br>'),
  ])
  const title = [
    added.length > 0 ? `New (${amount(added.slice(0, most), added)})` : '',
    removed.length > 0 ? `removed (${amount(removed.slice(0, most), removed)})` : '',
  ].filter((part) => part !== '')
  const words = title.join(' and ').replace(/^r/, 'R')
  const body = stack([
    table(['Asset', 'Kind', 'Change'], ['left', 'left', 'left'], shown),
    added.length === 0
      ? null
      : 'What is new shows as never materialized until its first run, which is not Unsynced.',
    removed.length === 0
      ? null
      : 'What is removed is gone from the definitions; its history stays in Dagster.',
  ])
  return details(`<b>${words}</b>`, body)
}

/** The asset's key, and what a running Dagster says of it. */
function assetCell(row: ReportAsset, links: Links | null): string {
  const now = liveText(row)
  if (now === '') return nameCell(row, links)
  const url = dagsterPage(row, links)
  const where = url === null ? 'Dagster' : link('Dagster', url)
  return `${nameCell(row, links)}<br><sub>${where}: ${now}</sub>`
}

/** The asset's key, linked to the file that defines its model. */
function nameCell(row: ReportAsset, links: Links | null): string {
  const name = code(keyText(row.key))
  if (row.path === null || links === null) return name
  return link(name, fileUrl(links, row.path, row.status === 'removed' ? 'base' : 'head'))
}

function kindCell(row: ReportAsset, presentation: Presentation): string {
  return prose(fullKindText(row, presentation))
}

/** A cause names its file only where it is not the model's own, which the asset links to. */
function whyCell(row: ReportAsset, presentation: Presentation): string {
  const { links } = presentation
  const toFile = (label: string, file: string) =>
    links === null ? label : link(label, fileUrl(links, file, 'head'))
  const causes = whyOf(row).map((why) => whyText(why, MARKDOWN, toFile))
  const parents = dependenciesText(row, MARKDOWN)
  return [...causes, ...(parents === null ? [] : [parents]), ...brokenText(row, presentation)].join(
    '<br>',
  )
}

/** Says on the row itself that it is one of those that turn the check red. */
function brokenText(row: ReportAsset, presentation: Presentation): string[] {
  const { verdict, failOn, acceptance } = presentation
  if (verdict?.conclusion !== 'failure' || acceptance?.state === 'accepted') return []
  const rules = brokenRules(row, failOn)
  return rules.length === 0 ? [] : [`**fails the check:** ${rules.join(', ')}`]
}
