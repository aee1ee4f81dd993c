/** How to find the base commit once the head is known. */
export type BaseRule =
  | { readonly kind: 'commit'; readonly revision: string }
  | { readonly kind: 'first-parent' }
  | { readonly kind: 'merge-base'; readonly with: string }
  | { readonly kind: 'default-branch'; readonly name: string | null }

/** Which two commits to compare, and where to report. */
export type Comparison = {
  readonly head: string
  readonly base: BaseRule
  /** Names for people: a branch or ref; null where there is none. */
  readonly headRef: string | null
  readonly baseRef: string | null
  /** Full ref that brings the head commit when it cannot be fetched by SHA. */
  readonly headFetchRef: string | null
  /** Commit to link the head's files to, where the head itself does not last; null = the head. */
  readonly headFile: string | null
  /** The code is a fork's or Dependabot's, which GitHub gives no secrets: neither does a load get any. */
  readonly foreign: boolean
}
