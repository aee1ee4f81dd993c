import { type Isolation, isolate } from '../../src/sandbox/sandbox.ts'

/** For tests of what a load says: with nothing between them and it. */
export const notIsolated: Isolation = isolate(
  'off',
  { launcher: null, tried: [] },
  { environment: {}, workspace: '/', given: [], gitFolders: { found: [], unread: [] } },
)
