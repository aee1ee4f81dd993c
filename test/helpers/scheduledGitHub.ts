import type { Comment, Pull } from '../../src/github/api/apiAnswers.ts'
import type { GitHub } from '../../src/github/api/client.ts'
import { ApiError } from '../../src/github/api/retry.ts'

/** A pull request of which every request takes effect and is answered when a scheduler says so. */
export type ScheduledGitHub = {
  readonly api: (name: string) => GitHub
  readonly comments: Map<number, Comment>
  /** A comment that is there before anything happens. */
  readonly add: (author: string, body: string) => Comment
  pull: Pull
  requests: number
}

/** @param turn resolves when it is this step's turn; the name is for the report of a failure */
export function scheduledGitHub(turn: (name: string) => Promise<unknown>): ScheduledGitHub {
  let nextId = 1
  const comments = new Map<number, Comment>()
  const world: ScheduledGitHub = {
    comments,
    add: (author, body) => {
      const id = nextId++
      const url = `https://github.test/${id}`
      const comment = { id, body, author, url, updatedAt: null, minimized: false }
      comments.set(id, comment)
      return comment
    },
    requests: 0,
    pull: {
      number: 7,
      open: true,
      body: '',
      labels: [],
      head: null,
    },
    api: (name) => {
      /** The request is on its way, takes effect, and its answer is on its way. */
      const call = async <T>(what: string, effect: () => T): Promise<T> => {
        world.requests += 1
        await turn(`${name} ${what}`)
        const result = effect()
        await turn(`${name} ${what} answered`)
        return result
      }
      const known = (id: number): Comment => {
        const comment = comments.get(id)
        if (comment === undefined) throw new ApiError('gone', 'Not Found', { status: 404 })
        return comment
      }
      return {
        listComments: () =>
          call('list', () => ({
            comments: [...comments.values()].sort((a, b) => a.id - b.id),
            whole: true,
          })),
        createComment: (_, body) => call('create', () => world.add('github-actions[bot]', body)),
        updateComment: (id, body) =>
          call('update', () => {
            const comment = { ...known(id), body }
            comments.set(id, comment)
            return comment
          }),
        removeComment: async (id) => {
          await call('remove', () => comments.delete(id))
        },
        login: async () => null,
        pull: () => call('pull', () => world.pull),
        openPulls: async () => [],
        labelEvents: async () => [],
        // Heads are numbers here.
        isNewer: (commit, than) => call('compare', () => commit > than),
        parents: async () => [],
        pause: async (error) => {
          if (error instanceof ApiError && error.trouble === 'unclear') return
          throw error
        },
        sleep: async () => {
          await turn(`${name} sleeps`)
        },
      }
    },
  }
  return world
}
