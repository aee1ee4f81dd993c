import { isTooShort } from '../fingerprint.ts'
import { counted, thousands } from '../markdown/markdown.ts'
import type { Counts, Report, ReportAsset } from '../model.ts'
import { type AcceptanceShown, keyText, type Presentation } from '../presentation.ts'
import type { Rows } from '../rows.ts'
import { firstFew, PLAIN, type TextStyle } from './textStyle.ts'
import { timeText } from './times.ts'

/** The state of a report in the words that its title ends with. */
export function stateOf({ report, verdict, acceptance }: Presentation): string {
  if (report.counts === null) return 'could not compare'
  if (verdict?.conclusion === 'failure') {
    return acceptance?.state === 'accepted' ? 'accepted' : 'action needed'
  }
  if (report.assets.length === 0) return 'no assets affected'
  return `${counted(report.counts.unsynced, 'asset')} will become unsynced`
}

/** What happens, in one sentence that stands alone. */
export function headline(report: Report): string {
  const { counts, integration } = report
  if (counts === null) return 'No comparison was made, so the impact of this push is unknown.'
  if (report.assets.length === 0) return 'No asset’s code version or dependencies change.'
  const { unsynced, afterUpstream } = counts
  if (integration.wired === 'no' && unsynced > 0) return unwiredHeadline(report, counts)
  const later = `${thousands(afterUpstream)} more after their upstream materializes`
  if (unsynced === 0 && afterUpstream === 0) return 'No asset will become unsynced.'
  if (unsynced === 0) {
    return `${counted(afterUpstream, 'asset')} will become unsynced after upstream materializes.`
  }
  const now = `${counted(unsynced, 'asset')} will become unsynced when this deploys`
  return afterUpstream === 0 ? `${now}.` : `${now}, ${later}.`
}

/** Where no code version reaches Dagster, only changed dependencies show. */
function unwiredHeadline({ assets }: Report, { unsynced, afterUpstream }: Counts): string {
  const shown = assets.filter(({ reasons }) => reasons.includes('dependencies')).length
  const change = `${counted(unsynced, 'asset')} ${unsynced === 1 ? 'changes' : 'change'}`
  const those = shown === 1 ? 'the one whose' : `the ${thousands(shown)} whose`
  const show = shown === 0 ? 'none of them' : `only ${those} dependencies change`
  const later = afterUpstream === 0 ? '' : ` ${thousands(afterUpstream)} more follow upstream runs.`
  return `${change}; Dagster will show ${show} as unsynced.${later}`
}

/** What else the deploy does: new and removed assets; '' if nothing. */
export function besides({ counts }: Report): string {
  if (counts === null) return ''
  const { new: added, removed } = counts
  const parts = [
    added > 0 ? `${counted(added, 'asset')} ${added === 1 ? 'is' : 'are'} new` : '',
    removed > 0 ? `${counted(removed, 'asset')} ${removed === 1 ? 'is' : 'are'} removed` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : `${parts.join(', ')}.`
}

/** Why the check fails; null when it passes. */
export function whyItFails(presentation: Presentation, style: TextStyle = PLAIN): string | null {
  const { report, verdict, failOn, acceptance } = presentation
  if (report.counts === null) {
    return 'The check fails on purpose: it could not tell. It is not saying that assets are affected.'
  }
  if (verdict?.conclusion !== 'failure' || acceptance?.state === 'accepted') return null
  const rules = verdict.matched.map(({ rule, assets }) => `${rule} ${thousands(assets)}`)
  const policy = style.code(`fail-on: ${failOn.join(', ')}`)
  const by = verdict.matched.length > 1 ? ` (${rules.join(', ')})` : ''
  return `${style.strong('The check fails:')} ${policy} matches ${counted(verdict.assets, 'asset')}${by}.`
}

/** Names in a list of assets that were not there when something was accepted. */
const MOST_NEW = 10

/** What was accepted, and how to accept: a sentence or two each. Empty when the policy asks for nothing. */
export function aboutAcceptance(
  presentation: Presentation,
  style: TextStyle = PLAIN,
): readonly string[] {
  const { report, verdict, acceptance, acceptLabel } = presentation
  if (verdict?.conclusion !== 'failure') return []
  const now = style.code(report.fingerprint)
  if (acceptance?.state === 'accepted') {
    const passes = `${style.strong('The check passes:')} accepted ${byWhom(acceptance, style)} for ${now}.`
    return [`${passes} A push that changes the set asks again.`]
  }
  const ask =
    acceptLabel === ''
      ? []
      : [
          `To accept exactly these changes (${now}), ${howToAccept(presentation, style)}. A push that changes the set asks again.`,
        ]
  if (acceptance === null) return ask
  const rows = acceptance.newAssets.map((key) => style.code(keyText(key)))
  const news = rows.length === 0 ? '' : ` New since then: ${firstFew(rows, MOST_NEW)}.`
  const why = whyVoid(acceptance, now, style)
  const isVoid = `${style.strong('The acceptance is void:')} given ${byWhom(acceptance, style)}, it ${why}.`
  return [`${isVoid}${news}`, ...ask]
}

function byWhom({ means, by, at }: AcceptanceShown, style: TextStyle): string {
  if (means === 'trailer') return 'in the description'
  const who = by === '' ? 'by the label' : `by ${style.code(by)}`
  return at === '' ? who : `${who} at ${timeText(at) ?? style.code(at)}`
}

function howToAccept({ report, acceptance, acceptLabel }: Presentation, style: TextStyle): string {
  const label = style.code(acceptLabel)
  if (acceptance === null) return `a maintainer adds the label ${label}`
  return acceptance.means === 'label'
    ? `a maintainer takes the label ${label} away and adds it again`
    : `a maintainer adds the label ${label}, or the description gets the line ${style.code(`Unsynced-Accept: ${report.fingerprint}`)}`
}

function whyVoid({ fingerprint }: AcceptanceShown, now: string, style: TextStyle): string {
  if (fingerprint === '') return 'was given before there was anything to accept'
  const was = style.code(fingerprint)
  return isTooShort(fingerprint)
    ? `was for an older version’s fingerprint, ${was}, which is too short to name one change set alone`
    : `was for ${was}, and this is ${now}`
}

/** What an earlier push did; null if that is not known. */
export function aboutPrevious(presentation: Presentation, style: TextStyle = PLAIN): string | null {
  const { report, previous } = presentation
  if (previous === null) return null
  const commit = style.code(previous.head.slice(0, 7))
  const assets = counted(previous.unsynced, 'asset')
  return report.counts === null
    ? `The last good result was ${assets} for ${commit}. It does not cover this push.`
    : `An earlier push (${commit}) made ${assets} unsynced; the current push affects none.`
}

/** What a formatting-only change means and what to do; null if there is none. */
export function formattingAdvice(
  { changed, knockOn }: Rows,
  { integration }: Report,
  style: TextStyle = PLAIN,
): string | null {
  const reformatted = changed.filter(({ formattingOnly }) => formattingOnly)
  // Without a code version Dagster flags nothing, so that there is nothing to undo.
  if (reformatted.length === 0 || integration.wired === 'no') return null
  const one = reformatted.length === 1
  const what = `${counted(reformatted.length, 'asset')} ${one ? 'changes' : 'change'} in formatting only`
  const names = firstFew(
    reformatted.map(({ key }) => style.code(keyText(key))),
    3,
  )
  const [it, yields, them] = one ? ['It', 'yields', 'it'] : ['They', 'yield', 'them']
  const alone = reformatted.every((row) => knockOn(row) === 0)
  const end = alone ? ' Nothing downstream follows from it.' : ''
  return `${style.strong(`${what}:`)} ${names}. ${it} ${yields} the same data, but the code version is a hash of the text, so Dagster will flag ${them}. Undo the reformatting, or materialize ${them} once.${end}`
}

/** What an upgrade of SQLMesh does to assets that nobody edited; null if it does nothing to them. */
export function upgradeAdvice(
  upgraded: readonly ReportAsset[],
  { counts, sqlmesh }: Report,
  style: TextStyle = PLAIN,
): string | null {
  const count = upgraded.length
  if (count === 0 || counts === null) return null
  const versions =
    sqlmesh.base !== null && sqlmesh.head !== null && sqlmesh.base !== sqlmesh.head
      ? ` from ${style.code(sqlmesh.base)} to ${style.code(sqlmesh.head)}`
      : ''
  const rest = counts.unsynced - count
  const share =
    rest === 0
      ? `${count === 1 ? 'the one asset' : `all ${counted(count, 'asset')}`}`
      : `${thousands(count)} of the ${counted(counts.unsynced, 'asset')}`
  const real =
    rest === 0 ? '' : `; the other ${thousands(rest)} ${rest === 1 ? 'is' : 'are'} listed first`
  return `${style.strong(`The SQLMesh upgrade alone explains ${share}.`)} SQLMesh changes${versions}, and the files of these models are the same on both sides. Consider merging the upgrade on its own${real}.`
}
