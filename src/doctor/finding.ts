import type { Failure } from '../platform/failure.ts'

/** What a finding is about, in the order in which findings are told. */
export const FINDING_TOPICS = [
  'git',
  'python',
  'isolation',
  'sqlmesh',
  'dagster',
  'integration',
  'keys',
  'wiring',
  'dagster live',
  'workflow',
] as const

export type FindingTopic = (typeof FINDING_TOPICS)[number]

/** One thing that was looked at. Only a `problem` makes the doctor say no. */
export type Finding = {
  readonly topic: FindingTopic
  readonly level: 'ok' | 'note' | 'problem'
  readonly found: string
  /** What to do; null where there is nothing to do. */
  readonly fix: string | null
  /** Text to paste where the fix says; null if there is none. */
  readonly paste: string | null
}

export function ok(topic: FindingTopic, found: string): Finding {
  return { topic, level: 'ok', found, fix: null, paste: null }
}

export function note(topic: FindingTopic, found: string, fix: string | null = null): Finding {
  return { topic, level: 'note', found, fix, paste: null }
}

export function problem(topic: FindingTopic, found: string, fix: string | null): Finding {
  return { topic, level: 'problem', found, fix, paste: null }
}

/** A failure of the check as a finding. */
export function failed(topic: FindingTopic, { message, hint, file }: Failure): Finding {
  return problem(topic, file === null ? message : `${file}: ${message}`, hint)
}
