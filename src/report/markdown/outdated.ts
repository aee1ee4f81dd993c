import { code } from './markdown.ts'

/** A document about a push that is no longer the latest one, saying so right below its title. */
export function outdated(document: string, head: string, current: string): string {
  const [title = '', ...rest] = document.split('\n')
  const note = `**Outdated:** this is about ${code(head.slice(0, 7))}, and the pull request is at ${code(current.slice(0, 7))} by now. That push’s own run says what holds for it.`
  return [title, '', note, ...rest].join('\n')
}
