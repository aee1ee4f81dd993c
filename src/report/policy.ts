import type { Accepted, Remembered } from './memory.ts'
import type { Report, ReportAsset } from './model.ts'

/** Values of the input `fail-on`. */
export const FAIL_ON = [
  'none',
  'unsynced',
  'incremental',
  'formatting',
  'dependencies',
  'removed',
] as const

/** What turns the check red. */
export type FailOn = Exclude<(typeof FAIL_ON)[number], 'none'>

/** What the policy says. */
export type Verdict = {
  readonly conclusion: 'success' | 'failure'
  /** Rules that match at least one asset, in the order of the input. */
  readonly matched: readonly { readonly rule: FailOn; readonly assets: number }[]
  /** Assets that at least one rule matches. */
  readonly assets: number
}

/** Judges a computed comparison. An error never gets here: it is always a failure. */
export function judge(assets: readonly ReportAsset[], failOn: readonly FailOn[]): Verdict {
  const matched = failOn
    .map((rule) => ({ rule, assets: assets.filter((asset) => matches(rule, asset)).length }))
    .filter((match) => match.assets > 0)
  const some = assets.filter((asset) => failOn.some((rule) => matches(rule, asset)))
  const conclusion = matched.length > 0 ? 'failure' : 'success'
  return { conclusion, matched, assets: some.length }
}

/** Rules of the policy that one asset breaks, in the order of the input. */
export function brokenRules(asset: ReportAsset, failOn: readonly FailOn[]): readonly FailOn[] {
  return failOn.filter((rule) => matches(rule, asset))
}

function matches(rule: FailOn, asset: ReportAsset): boolean {
  switch (rule) {
    case 'unsynced':
      return asset.status === 'unsynced'
    case 'incremental':
      return asset.status === 'unsynced' && isIncremental(asset.modelKind)
    case 'formatting':
      return asset.status === 'unsynced' && asset.formattingOnly
    case 'dependencies':
      return asset.status === 'unsynced' && asset.reasons.includes('dependencies')
    case 'removed':
      return asset.status === 'removed'
  }
}

/** Kinds that keep history, so that re-materializing may mean a backfill (SQLMesh `ModelKind`). */
export function isIncremental(modelKind: string | null): boolean {
  return modelKind !== null && /^(INCREMENTAL_|SCD_TYPE_2)/.test(modelKind)
}

/** All that bears on whether a maintainer has accepted a change set. */
export type Consent = {
  /** The change set now; never ''. */
  readonly fingerprint: string
  readonly label: {
    readonly present: boolean
    /** When it was added last; null where the server does not tell. */
    readonly added: Pick<Accepted, 'by' | 'at' | 'event'> | null
  }
  /** Fingerprints that the pull request's description accepts, in its order. */
  readonly trailers: readonly string[]
  /** What our comment showed when the label was looked at; null without a comment. */
  readonly shown: Remembered | null
}

/** What somebody accepted, and whether that is this change set. */
export type Acceptance = {
  readonly state: 'accepted' | 'void'
  readonly means: 'label' | 'trailer'
} & Accepted

/**
 * Whether a change set is accepted. A label says nothing of what it is for, so it accepts what our
 * comment showed when it was added, and nothing else ever: a push that changes the set voids it
 * until it is taken away and added again. A trailer in the description names its change set itself.
 *
 * @returns null when nobody tried
 */
export function decideAcceptance(consent: Consent): Acceptance | null {
  const { fingerprint, label, trailers, shown } = consent
  const stateOf = (accepted: string) => (accepted === fingerprint ? 'accepted' : 'void')
  const named = trailers.includes(fingerprint) ? fingerprint : trailers.at(-1)
  if (label.present && named !== fingerprint) {
    const subject = subjectOf(consent)
    return { ...subject, state: stateOf(subject.fingerprint), means: 'label' }
  }
  if (named === undefined) return null
  const rows = rememberedRows(named, shown)
  return { ...UNKNOWN, state: stateOf(named), means: 'trailer', fingerprint: named, rows }
}

const UNKNOWN: Accepted = { fingerprint: '', by: '', at: '', event: 0, rows: null }

/** What the label that is there now was given for. */
function subjectOf({ label: { added }, shown }: Consent): Accepted {
  const known = shown?.accepted ?? null
  // Still the same label as when it was last looked at, so still for the same.
  if (known !== null && known.event !== 0 && known.event === added?.event) return known
  if (added !== null) return { ...added, ...shownAt(added.at, shown) }
  // The server does not tell when. It was added after the comment said what it still says, if the
  // label was not there then.
  if (shown !== null && !shown.labelled) {
    return { ...UNKNOWN, fingerprint: shown.fingerprint, rows: shown.rows }
  }
  return known ?? UNKNOWN
}

/** What our comment showed at a time. */
function shownAt(at: string, shown: Consent['shown']): Pick<Accepted, 'fingerprint' | 'rows'> {
  const isUp = (since: string | null) => since !== null && Date.parse(since) <= Date.parse(at)
  const upThen = shown === null ? undefined : [shown, ...shown.before].find((up) => isUp(up.since))
  const fingerprint = upThen?.fingerprint ?? ''
  return { fingerprint, rows: rememberedRows(fingerprint, shown) }
}

function rememberedRows(fingerprint: string, shown: Consent['shown']): string | null {
  if (shown?.fingerprint === fingerprint) return shown.rows
  return shown?.accepted?.fingerprint === fingerprint ? shown.accepted.rows : null
}

/** How a report's check ends. An error is never accepted: nobody can know what it would be for. */
export function conclude(
  report: Pick<Report, 'error'>,
  verdict: Pick<Verdict, 'conclusion'> | null,
  acceptance: Pick<Acceptance, 'state'> | null,
): 'success' | 'failure' {
  if (report.error !== null || verdict === null) return 'failure'
  if (verdict.conclusion === 'success') return 'success'
  return acceptance?.state === 'accepted' ? 'success' : 'failure'
}
