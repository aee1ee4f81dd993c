import { createHash } from 'node:crypto'
import type { AssetKey } from '../dagster/assetKeys.ts'
import type { ReportAsset } from './model.ts'

/**
 * 128 bits. Whoever writes a pull request chooses names in it, so that two change sets with one
 * fingerprint of n bits cost 2^(n/2) tries: at 48 bits that is minutes, and what was accepted for one of
 * them would be accepted for the other.
 */
const BITS = 128
const HEX_DIGITS = BITS / 4
/** Of base64url, in which rows are remembered. */
export const ROW_CHARACTERS = Math.ceil(BITS / 6)
/** Of older releases, whose fingerprints had 48 bits. */
const OLDER_DIGITS = 12

/** Names exactly this set of changes, so that it can be accepted and recognised. Empty if none. */
export function fingerprintOf(assets: readonly ReportAsset[]): string {
  const rows = changed(assets).map(rowOf)
  return rows.length === 0 ? '' : digest(JSON.stringify(rows))
}

/** One name for the changes of several projects; that of the only one that has any. */
export function fingerprintOfAll(
  reports: readonly { readonly project: string; readonly fingerprint: string }[],
): string {
  const changing = reports.filter(({ fingerprint }) => fingerprint !== '')
  if (changing.length <= 1) return changing[0]?.fingerprint ?? ''
  const named = changing.map(({ project, fingerprint }) => [project, fingerprint])
  return digest(JSON.stringify(named.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))))
}

/** Whether this is what an older release wrote for this fingerprint: its first 12 digits. */
export function isShortFor(short: string, fingerprint: string): boolean {
  return short.length === OLDER_DIGITS && fingerprint.startsWith(short)
}

/** Whether an older release wrote this, with too few digits to decide anything. */
export function isTooShort(fingerprint: string): boolean {
  return fingerprint !== '' && fingerprint.length < HEX_DIGITS
}

/** Lower-case hex digits that name a text as surely as a fingerprint names a change set. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HEX_DIGITS)
}

/** The digests of the rows that a fingerprint is made of, each of `ROW_CHARACTERS`. */
export function rowDigests(assets: readonly ReportAsset[]): string {
  return changed(assets).map(rowDigest).join('')
}

/**
 * Assets whose row was not among those remembered.
 *
 * @param remembered of `rowDigests`; null = not remembered, so none can be told
 */
export function newSince(
  remembered: string | null,
  assets: readonly ReportAsset[],
): readonly AssetKey[] {
  if (remembered === null) return []
  const known = new Set(remembered.match(new RegExp(`.{${ROW_CHARACTERS}}`, 'g')) ?? [])
  return changed(assets)
    .filter((asset) => !known.has(rowDigest(asset)))
    .map((asset) => asset.key)
}

/** What follows upstream follows from the other rows, and is a prediction besides. */
function changed(assets: readonly ReportAsset[]): readonly ReportAsset[] {
  return assets.filter((asset) => asset.status !== 'afterUpstream')
}

function rowOf(asset: ReportAsset): unknown {
  return [asset.key, asset.status, asset.reasons, asset.codeVersion, asset.parents]
}

function rowDigest(asset: ReportAsset): string {
  const whole = createHash('sha256')
    .update(JSON.stringify(rowOf(asset)))
    .digest('base64url')
  return whole.slice(0, ROW_CHARACTERS)
}
