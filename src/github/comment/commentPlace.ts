import { createHash } from 'node:crypto'
import type { Request } from '../../inputs/request.ts'
import { digest } from '../../report/fingerprint.ts'
import type { Report } from '../../report/model.ts'
import type { RunResult } from './runResult.ts'

/** Which pull request is looked at, and for which comment. */
export type CommentPlace = {
  readonly pullRequest: number
  readonly key: string
  readonly older: Older
  /** Whose coming and going is asked for; null = it does not matter. */
  readonly label: string | null
}

/** Where releases before would have had this job's comment. */
export type Older = {
  /** Keys that follow from the inputs. */
  readonly keys: readonly string[]
  /** A key that only a report says. It counts if the pull request has no other comment of a release before. */
  readonly said: string | null
  /**
   * Whether several jobs may have shared the comment. None of them can write over it then, as that might
   * be another's by now: each makes its own, and it goes.
   */
  readonly shared: boolean
}

/** Which comment of which pull request is this job's; null without a pull request. */
export function placeOf({ outcomes, request, pullRequest }: RunResult): CommentPlace | null {
  if (request === null || pullRequest === null) return null
  return {
    pullRequest: pullRequest.number,
    key: keyOf(request),
    older: olderOf(
      request,
      outcomes.map(({ report }) => report),
    ),
    label: request.acceptLabel,
  }
}

const MOST_KEY = 200

/** A hundred projects make a long key, and the marker has to leave room for the document. */
export function keyOf({ commentKey: { text } }: Pick<Request, 'commentKey'>): string {
  return text.length <= MOST_KEY ? text : `${text.slice(0, MOST_KEY)} ${digest(text)}`
}

function olderOf(request: Request, reports: readonly Report[]): Older {
  const { from, text } = request.commentKey
  if (from === 'given') return { keys: [olderKey(text)], said: null, shared: false }
  const shared = from === 'inputs'
  if (request.mode !== 'report') {
    return { keys: [olderKey(request.projects.join(', '))], said: null, shared }
  }
  // A report that could not be used had the name of its file for a project.
  const said = reports.map(({ project }) => project)
  return { keys: [olderKey(request.reports.join(', '))], said: olderKey(said.join(', ')), shared }
}

function olderKey(text: string): string {
  if (text.length <= MOST_KEY) return text
  const whole = createHash('sha256').update(text).digest('hex')
  return `${text.slice(0, MOST_KEY)} ${whole.slice(0, 16)}`
}
