import { connect, type GitHub } from '../../src/github/api/client.ts'
import type { Clock } from '../../src/github/api/retry.ts'
import type { Older } from '../../src/github/comment/commentPlace.ts'
import {
  type Draft,
  type Post,
  type Posted,
  postComment,
} from '../../src/github/comment/postComment.ts'
import { rememberedBy, type View } from '../../src/github/comment/thread.ts'
import type { Tier } from '../../src/report/markdown/document.ts'
import { remember } from '../../src/report/memory.ts'
import type { FakeGitHub } from './github.ts'

/** What one run of a test says on pull request 7. */
export type Words = {
  readonly run?: { readonly id: number; readonly attempt: number }
  readonly text?: string
  /** Of the change set; '' for none. */
  readonly fingerprint?: string
  readonly finding?: string
  readonly starts?: boolean
  readonly head?: string | null
  readonly key?: string
  /** Where releases before would have had it; the key alone. */
  readonly older?: Partial<Older>
  /** Length of the document in each tier. */
  readonly lengths?: Readonly<Record<Tier, number>>
}

export const FINGERPRINT = '7f3a9c0d12ab4e5f60718293a4b5c6d7'

/** A post whose document is a title and the run's words. */
export function postOf(words: Words): Post {
  const { run = { id: 10, attempt: 1 }, text = 'new', fingerprint = FINGERPRINT } = words
  const { key = 'warehouse' } = words
  const draw = (view: View, atMost: Tier): Draft => ({
    document: `### Unsynced\n\n${text}${'x'.repeat(words.lengths?.[atMost] ?? 0)}`,
    tier: atMost,
    fingerprint,
    memory: remember(rememberedBy(view.ours), {
      fingerprint,
      rows: null,
      labelled: false,
      accepted: null,
      past: null,
    }),
    starts: words.starts ?? true,
  })
  return {
    place: {
      pullRequest: 7,
      key,
      older: { keys: [key], said: null, shared: false, ...words.older },
      label: null,
    },
    run,
    finding: words.finding ?? finding(text),
    runUrl: null,
    head: words.head ?? null,
    draw,
  }
}

/** A digest of a finding, from any word. */
export function finding(word: string): string {
  return Buffer.from(word).toString('hex').padEnd(32, '0').slice(0, 32)
}

/** A client of the fake server, with one of its tokens. */
export function client(
  github: FakeGitHub,
  clock?: Clock,
  token: 'write' | 'read' | 'user' = 'write',
): GitHub {
  const [owner = '', name = ''] = github.repository.split('/')
  return connect(
    { token: github.tokens[token], apiUrl: github.apiUrl, repository: { owner, name } },
    clock,
  )
}

/** One run that posts to the fake server. */
export async function post(github: FakeGitHub, words: Words, clock?: Clock): Promise<Posted> {
  return await postComment(client(github, clock), postOf(words), null)
}
