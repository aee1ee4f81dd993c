import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { root } from '../helpers/actionFile.ts'
import { pushEvent } from '../helpers/events.ts'
import { git } from '../helpers/git.ts'
import { fakeGitHub } from '../helpers/github.ts'
import { LONG } from '../helpers/long.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { act } from './act.ts'

// Each run installs the packages and builds, as a clean machine does.
test.runIf(LONG).each([
  ['as it was committed', null, 0],
  ['with one byte more', 'dist/index.js', 1],
])(
  'dist of ci.yml, on a bundle %s',
  async (_, file, exitCode) => {
    await using github = await fakeGitHub()
    await using temporary = await temporaryFolder()
    const folder = join(temporary.path, 'unsynced')
    await git(root, ['clone', '--quiet', root, folder])
    if (file !== null) {
      await appendFile(join(folder, file), '\n')
      await git(folder, ['commit', '--quiet', '--all', '--message', 'Slip something in'])
    }
    const after = await git(folder, ['rev-parse', 'HEAD'])
    const result = await act({
      file: join(root, '.github', 'workflows', 'ci.yml'),
      job: 'dist',
      event: pushEvent({ before: after, after }),
      folder,
      origin: pathToFileURL(folder).href,
      github,
      token: 'read',
      env: { npm_config_cache: join(root, '.cache', 'npm') },
    })
    expect(result.exitCode, result.stdout).toBe(exitCode)
    expect(result.stdout.includes('dist/index.js |')).toBe(exitCode === 1)
  },
  300_000,
)
