/** Which of several comments on one pull request is a job's. */
export type CommentKey = {
  readonly text: string
  /**
   * `given`: the input `comment-key`. `project`: nothing but `project` was written, as in the default
   * of releases before. `inputs`: others were, so that several jobs may have had one comment then.
   */
  readonly from: 'given' | 'project' | 'inputs'
}

/** The inputs that tell the jobs of one pull request apart, as the workflow has them. */
export type Written = {
  readonly project: string
  readonly gateway: string
  readonly definitions: string
  readonly integration: string
}

/**
 * @param given the input `comment-key`; null = not given
 * @param written a default is the empty text, so that it may become another one later
 */
export function commentKeyOf(given: string | null, written: Written): CommentKey {
  if (given !== null) return { text: given, from: 'given' }
  const parts = Object.entries(written).filter(([, value]) => value !== '')
  // What was found, and what a report says, must not enter it: a run that could not tell has neither,
  // and would speak beside the comment of those before it.
  const text = `?${new URLSearchParams(parts)}`
  return { text, from: parts.every(([name]) => name === 'project') ? 'project' : 'inputs' }
}
