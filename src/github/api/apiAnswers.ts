import { z } from 'zod'

/** One comment of a pull request, as far as we need it. */
export type Comment = {
  readonly id: number
  readonly author: string
  readonly body: string
  readonly url: string
  /** ISO 8601; null where the server does not say. */
  readonly updatedAt: string | null
  /** Hidden by somebody behind "This comment was marked as …". */
  readonly minimized: boolean
}

/** @param whole false if comments may have moved between pages while they were read */
export type Listed = { readonly comments: readonly Comment[]; readonly whole: boolean }

/** A pull request as it is now; null where the server does not say. */
export type Pull = {
  readonly number: number
  readonly open: boolean
  readonly body: string
  readonly labels: readonly string[]
  readonly head: { readonly sha: string; readonly repository: number | null } | null
}

export type LabelEvent = {
  readonly id: number
  readonly action: 'labeled' | 'unlabeled'
  readonly label: string
  readonly by: string
  readonly at: string
}

export const sha = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/)

/** A comment; the rest of it is left out. */
export const comment = z
  .object({
    id: z.int().positive(),
    body: z.string().nullish(),
    html_url: z.string(),
    user: z.object({ login: z.string() }).nullish(),
    updated_at: z.string().nullish(),
    minimized: z.unknown().optional(),
  })
  .transform(
    (data): Comment => ({
      id: data.id,
      author: data.user?.login ?? '',
      body: data.body ?? '',
      url: data.html_url,
      updatedAt: data.updated_at ?? null,
      minimized: data.minimized !== null && data.minimized !== undefined,
    }),
  )

/** Gitea answers an edit with 204 and nothing, as everybody does a removal. */
export const nothing = z.literal('').transform(() => null)

export const pull = z
  .object({
    number: z.int().positive(),
    state: z.string().nullish(),
    body: z.string().nullish(),
    labels: z.array(z.object({ name: z.string() })).nullish(),
    head: z.object({ sha, repo: z.object({ id: z.int() }).nullish() }).nullish(),
  })
  .transform(
    (data): Pull => ({
      number: data.number,
      open: (data.state ?? 'open') === 'open',
      body: data.body ?? '',
      labels: (data.labels ?? []).map((label) => label.name),
      head: data.head ? { sha: data.head.sha, repository: data.head.repo?.id ?? null } : null,
    }),
  )

export const issueEvent = z.object({
  id: z.int(),
  event: z.string(),
  actor: z.object({ login: z.string() }).nullish(),
  created_at: z.string(),
  label: z.object({ name: z.string() }).nullish(),
})

/** Those of a list of events that are about labels, oldest first. */
export function labelEventsOf(
  events: readonly z.infer<typeof issueEvent>[],
): readonly LabelEvent[] {
  const found = events.flatMap(({ id, event, actor, created_at: at, label }): LabelEvent[] => {
    if ((event !== 'labeled' && event !== 'unlabeled') || !label) return []
    return [{ id, action: event, label: label.name, by: actor?.login ?? '', at }]
  })
  return byId(found)
}

/** Oldest first: ids only grow. */
export function byId<T extends { readonly id: number }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => a.id - b.id)
}
