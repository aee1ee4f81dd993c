import { code, counted, thousands } from './markdown.ts'
import { keyText, type Presentation } from './presentation.ts'
import type { Counts, Report } from './report.ts'

/** The state of a report in the words that its title ends with. */
export function stateOf({ report, verdict, acceptance }: Presentation): string {
  if (report.counts === null) return 'could not compare'
  if (acceptance?.state === 'accepted') return 'accepted'
  if (verdict?.conclusion === 'failure') return 'action needed'
  if (report.assets.length === 0) return 'no assets affected'
  return `${counted(report.counts.unsynced, 'asset')} will become unsynced`
}

/** What happens, in one sentence that stands alone. */
export function headline(report: Report): string {
  const { counts } = report
  if (counts === null) {
    return 'No comparison was made, so the impact of this change is unknown.'
  }
  if (report.assets.length === 0) return 'No asset’s code version or dependencies change.'
  const { unsynced, afterUpstream } = counts
  if (report.integration.wired === 'no' && unsynced > 0) return unwiredHeadline(report, counts)
  const later = `${afterUpstream} more after their upstream materializes`
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
export function besides(counts: Counts): string {
  const parts = [
    counts.new > 0 ? `${counted(counts.new, 'asset')} ${counts.new === 1 ? 'is' : 'are'} new` : '',
    counts.removed > 0
      ? `${counted(counts.removed, 'asset')} ${counts.removed === 1 ? 'is' : 'are'} removed`
      : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : `${parts.join(', ')}.`
}

/** Why the check fails, and what would let it pass; null when it passes. */
export function whyItFails({ report, verdict, failOn, acceptance }: Presentation): string | null {
  if (report.counts === null) {
    return 'The check fails on purpose: it could not tell. It is not saying that assets are affected.'
  }
  if (verdict?.conclusion !== 'failure' || acceptance?.state === 'accepted') return null
  const rules = verdict.matched.map(({ rule, assets }) => `${rule} (${counted(assets, 'asset')})`)
  return `The check fails: \`fail-on: ${failOn.join(', ')}\` matches ${counted(verdict.assets, 'asset')}, by ${rules.join(', ')}.`
}

/** What was accepted, or how to accept; null when the policy asks for nothing. */
export function aboutAcceptance({
  report,
  verdict,
  acceptance,
  acceptLabel,
}: Presentation): string | null {
  if (verdict?.conclusion !== 'failure') return null
  const now = code(report.fingerprint)
  const by = acceptance?.by ? code(acceptance.by) : 'the label or the description'
  const at = acceptance?.at ? ` at ${code(acceptance.at)}` : ''
  if (acceptance?.state === 'accepted') {
    return `**The check passes:** accepted by ${by} for ${now}${at}.`
  }
  const ask = `To accept exactly these changes (${now}), a maintainer adds the label ${code(acceptLabel)}. A push that changes the set asks again.`
  if (acceptance === null) return ask
  const was =
    acceptance.fingerprint === '' ? 'nothing that was shown' : code(acceptance.fingerprint)
  const rows = acceptance.newAssets.map((key) => code(keyText(key)))
  const shown = rows.slice(0, 10).join(', ')
  const more = rows.length > 10 ? ` and ${rows.length - 10} more` : ''
  const news = rows.length === 0 ? '' : ` New since then: ${shown}${more}.`
  return `The acceptance by ${by}${at} was for ${was}, and this is ${now}.${news} ${ask}`
}

/** What an earlier push did; null if that is not known. */
export function aboutPrevious({ report, previous }: Presentation): string | null {
  if (previous === null) return null
  const { head, unsynced } = previous
  const did = `${counted(unsynced, 'asset')}, at ${code(head.slice(0, 7))}`
  return report.counts === null
    ? `The last good result was ${did}. It does not cover this push.`
    : `An earlier push affected ${did}; the current push affects none.`
}

/** What a formatting-only change means and what to do; null if there is none. */
export function formattingAdvice({ counts, integration }: Report): string | null {
  // Without a code version Dagster flags nothing, so that there is nothing to undo.
  if (counts === null || counts.formattingOnly === 0 || integration.wired === 'no') return null
  const [changes, those, them] =
    counts.formattingOnly === 1 ? ['changes', 'It yields', 'it'] : ['change', 'They yield', 'them']
  return `${counted(counts.formattingOnly, 'asset')} ${changes} in formatting only. ${those} the same data, but the code version is a hash of the text, so Dagster will flag ${them}. Undo the reformatting, or materialize once.`
}
