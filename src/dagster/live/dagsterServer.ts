import type { AssetKey } from '../assetKeys.ts'

/** A running Dagster, and what it takes to ask it. */
export type DagsterServer = {
  /** Address of its page, with a path where it has one, and without a slash at the end. */
  readonly url: string
  readonly token: string | null
}

/**
 * Headers that carry the token. Dagster+ has one of its own (dagster-cloud's GraphQL client); in
 * front of a Dagster of one's own there may be a proxy that takes bearer tokens.
 */
export function tokenHeaders({ url, token }: DagsterServer): Readonly<Record<string, string>> {
  if (token === null) return {}
  return isDagsterPlus(url)
    ? { 'dagster-cloud-api-token': token }
    : { authorization: `Bearer ${token}` }
}

/** Whether the address is one of Dagster+, which answers nobody without a token. */
export function isDagsterPlus(url: string): boolean {
  return /(^|\.)dagster\.cloud$/.test(new URL(url).hostname)
}

/** Whether a token would be readable on its way. */
export function exposesToken({ url, token }: DagsterServer): boolean {
  const { protocol, hostname } = new URL(url)
  return token !== null && protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(hostname)
}

/**
 * Address of an asset's page (Dagster's `assetDetailsPathForKey`).
 *
 * @returns null for a key with an empty segment, which the page drops
 */
export function assetUrl(url: string, key: AssetKey): string | null {
  if (key.some((segment) => segment === '')) return null
  return `${url}/assets/${key.map(encodeSegment).join('/')}`
}

/** Stricter than a browser asks for, so that the address can be written in markdown as it is. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment.toWellFormed()).replaceAll(
    /[!'()*~_]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
