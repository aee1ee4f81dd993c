import { keyId } from '../dagster/assetKeys.ts'
import type { Cause } from '../sqlmesh/changes.ts'
import { code, counted, details, encodePath, link, prose, table, thousands } from './markdown.ts'
import {
  isFirstVersion,
  isUpgradeRow,
  keyText,
  kindText,
  knockOn,
  type Links,
  type Presentation,
  rowsOf,
} from './presentation.ts'
import type { Counts, Report, ReportAsset } from './report.ts'
import { firstVersionsStatement } from './wiring.ts'

/** The numbers, in one row. */
export function countsTable(counts: Counts): string {
  const unaffected = counts.head - counts.unsynced - counts.afterUpstream - counts.new
  return table(
    ['Unsynced on deploy', 'After upstream', 'New', 'Removed', 'Unaffected'],
    ['right', 'right', 'right', 'right', 'right'],
    [
      [counts.unsynced, counts.afterUpstream, counts.new, counts.removed, unaffected].map(
        thousands,
      ),
    ],
  )
}

/** Assets that Dagster flags as soon as head is deployed because they changed; null if there are none. */
export function unsyncedSection({ report, links }: Presentation, limit: number): string | null {
  const all = rowsOf(report, 'unsynced').filter((row) => !isUpgradeRow(row))
  if (all.length === 0) return null
  const rows = all.filter((row) => !isFirstVersion(row))
  const after = knockOn(report)
  const cells = rows
    .slice(0, limit)
    .map((row) => [
      assetCell(row, links),
      kindText(row),
      whyCell(row, links),
      thousands(after.get(keyId(row.key)) ?? 0),
    ])
  const body = table(['Asset', 'Kind', 'Why', 'Knock-on'], ['left', 'left', 'left', 'right'], cells)
  const shown = rows.length > limit ? `, ${limit} shown` : ''
  const first = firstVersionsStatement(report)
  return [
    `#### Unsynced on deploy (${thousands(all.length)}${shown})`,
    ...(rows.length === 0 ? [] : [body]),
    ...(first === null ? [] : [prose(first)]),
  ].join('\n\n')
}

/** Assets that Dagster flags although no file of theirs changed; null if there are none. */
export function upgradeSection({ report, links }: Presentation): string | null {
  const rows = rowsOf(report, 'unsynced').filter(isUpgradeRow)
  const [first] = rows
  if (first === undefined) return null
  const body = table(
    ['Asset', 'Kind'],
    ['left', 'left'],
    rows.map((row) => [assetCell(row, links), kindText(row)]),
  )
  const title = `<b>Unsynced by the upgrade alone, file unchanged (${thousands(rows.length)})</b>`
  return details(title, `${code(first.causes[0]?.detail ?? '')}\n\n${body}`)
}

/** Assets that Dagster flags later, and what they wait for; null if there are none. */
export function afterUpstreamSection({ report, links }: Presentation): string | null {
  const rows = rowsOf(report, 'afterUpstream').sort((a, b) => a.wave - b.wave)
  if (rows.length === 0) return null
  const body = table(
    ['Asset', 'Kind', 'Waits for', 'Hops', 'Confidence'],
    ['left', 'left', 'left', 'right', 'left'],
    rows.map((row) => [
      assetCell(row, links),
      kindText(row),
      row.waitsFor.map((key) => code(keyText(key))).join(', '),
      String(row.wave),
      row.confidence,
    ]),
  )
  return details(
    `<b>After upstream materializes (${thousands(rows.length)})</b>, a prediction`,
    body,
  )
}

/** New and removed assets; null if there are none. */
export function newAndRemovedSection({ report, links }: Presentation): string | null {
  const added = rowsOf(report, 'new')
  const removed = rowsOf(report, 'removed')
  if (added.length + removed.length === 0) return null
  const rows = [...added, ...removed].map((row) => [
    assetCell(row, links),
    kindText(row),
    row.status,
    row.status === 'new'
      ? 'Never materialized until its first run, which is not Unsynced'
      : 'Gone from the definitions; its history stays in Dagster',
  ])
  const title = [
    added.length > 0 ? `New (${thousands(added.length)})` : '',
    removed.length > 0 ? `removed (${thousands(removed.length)})` : '',
  ].filter((part) => part !== '')
  const words = title.join(' and ').replace(/^r/, 'R')
  const body = table(['Asset', 'Kind', 'Change', 'Note'], ['left', 'left', 'left', 'left'], rows)
  return details(`<b>${words}</b>`, body)
}

/** Code versions before and after, for those who look them up in Dagster; null if none moved. */
export function codeVersionsSection({ report }: Presentation): string | null {
  const rows = rowsOf(report, 'unsynced').filter(
    (row) => row.reasons.includes('code') && !isFirstVersion(row),
  )
  if (rows.length === 0) return null
  const version = (value: string | null) => (value === null ? 'none' : code(value))
  const body = table(
    ['Asset', 'Base', 'Head'],
    ['left', 'left', 'left'],
    rows.map((row) => [
      code(keyText(row.key)),
      version(row.codeVersion.base),
      version(row.codeVersion.head),
    ]),
  )
  return details('<b>Code versions</b>', body)
}

/** Changes by their cause, for a document too long to list every asset. */
export function causesSection(report: Report): string {
  const byKind = new Map<string, number>()
  for (const asset of report.assets) {
    for (const kind of new Set(asset.causes.map((cause) => cause.kind))) {
      byKind.set(kind, (byKind.get(kind) ?? 0) + 1)
    }
  }
  const rows = [...byKind].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return table(
    ['Cause', 'Assets'],
    ['left', 'right'],
    rows.map(([kind, count]) => [kind, thousands(count)]),
  )
}

/** What to do once this is merged; null if nothing follows. */
export function afterMergeSection({ report }: Presentation): string | null {
  const unsynced = rowsOf(report, 'unsynced')
  const added = rowsOf(report, 'new')
  const later = rowsOf(report, 'afterUpstream').length
  if (unsynced.length + added.length === 0) return null
  const steps: string[] = []
  if (report.integration.name === 'dg-sqlmesh') {
    steps.push(
      'Apply the SQLMesh plan first: dg-sqlmesh runs what is deployed, it does not deploy.',
    )
  }
  const selection = [...unsynced, ...added].map((row) => selectionTerm(row, later > 0)).join(' or ')
  steps.push(`Materialize what changed${later > 0 ? ' and what follows' : ''}:`)
  const listed = steps.map((step, index) => `${index + 1}. ${step}`).join('\n')
  const command = code(`dg launch --assets '${selection.replaceAll("'", `'\\''`)}'`)
  return details('<b>After merge</b>', `${listed} ${command}`)
}

/** Dagster's asset selection syntax; a key with a quote in it needs its escape. */
function selectionTerm(row: ReportAsset, downstream: boolean): string {
  const text = keyText(row.key).replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return `key:"${text}"${downstream && row.status === 'unsynced' ? '+' : ''}`
}

/** The asset's key, linked to the file that defines its model. */
export function assetCell(row: ReportAsset, links: Links | null): string {
  const name = code(keyText(row.key))
  if (row.path === null || links === null) return name
  return link(name, fileUrl(links, row.path, row.status === 'removed' ? 'base' : 'head'))
}

/** Address of a file of one commit. */
export function fileUrl(links: Links, path: string, side: 'base' | 'head'): string {
  return `${links.repository}/blob/${links[side]}/${encodePath(path)}`
}

function whyCell(row: ReportAsset, links: Links | null): string {
  const causes = row.causes.map((cause) => causeText(cause, row, links))
  const { added, removed } = row.parents
  const parents = [
    ...added.map((key) => code(`+${keyText(key)}`)),
    ...removed.map((key) => code(`-${keyText(key)}`)),
  ]
  if (parents.length > 0) causes.push(`dependencies: ${parents.join(', ')}`)
  return causes.join('<br>')
}

/** A cause names its file only where it is not the model's own, which the asset links to. */
function causeText(cause: Cause, row: ReportAsset, links: Links | null): string {
  if (cause.kind === 'formatting') return '**formatting only**'
  const detail = code(cause.detail)
  const text =
    cause.file === null || cause.file === row.path || links === null
      ? detail
      : link(detail, fileUrl(links, cause.file, 'head'))
  return `${cause.kind}: ${text}`
}

/** How many of all assets a shortened list leaves out. */
export function shownOf(shown: number, all: number): string {
  return `Showing ${thousands(Math.min(shown, all))} of ${counted(all, 'asset')}.`
}
