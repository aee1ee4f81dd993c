import type { Report } from '../model.ts'
import type { Presentation } from '../presentation.ts'
import { MARKDOWN } from '../words/textStyle.ts'
import { commitText } from './failed.ts'
import { code, counted, link, prose, shorten, thousands } from './markdown.ts'

/** What was compared, and with what: the same last line in every state. */
export function footer({ report, links }: Presentation): string {
  const { base, head, sqlmesh, integration, counts } = report
  const ref = base.ref === null ? '' : ` (${code(shorten(base.ref, 100))})`
  const name = [integration.name, integration.version].filter((part) => part !== null).join(' ')
  const parts = [
    // A comparison that was not made has its commits in a table.
    counts === null || base.sha === null || head.sha === null
      ? null
      : `Compared ${commitText(base.sha, links)}${ref} with ${commitText(head.sha, links)}`,
    sizesText(counts),
    versionsText(sqlmesh),
    name === '' ? null : prose(shorten(name, 100)),
    links === null ? null : link('run', links.run),
    // Only rows of what is there already can look otherwise in Dagster.
    counts === null || counts.unsynced + counts.afterUpstream === 0
      ? null
      : 'Dagster shows an asset that was never materialized as missing, and a partitioned asset by partition',
  ]
  return `<sub>${parts.filter((part) => part !== null).join(' · ')}</sub>`
}

function sizesText(counts: Report['counts']): string | null {
  if (counts === null || counts.base === null || counts.head === null) return null
  return `${thousands(counts.base)} → ${counted(counts.head, 'asset')}`
}

function versionsText({ base, head }: Report['sqlmesh']): string | null {
  if (head === null) return base === null ? null : `SQLMesh ${MARKDOWN.code(base)}`
  return `SQLMesh ${MARKDOWN.code(base === null || base === head ? head : `${base} → ${head}`)}`
}
