import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { root } from './actionFile.ts'
import { temporaryFolder } from './temporary.ts'

/** Starts a command as this user; as nobody, if this user may; and where no room can be made. */
export const AS_IS: readonly string[] = []

/** Only the superuser may become another. */
export const AS_NOBODY =
  process.getuid?.() === 0
    ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']
    : null

/** As sudo does it: with no descriptor but the three standard streams, and none of the variables. */
export const SUDO_LIKE = `#!/bin/bash
shift 2
exec 3>&- 4>&- 5>&-
exec env -i PATH=/usr/bin:/bin "$@"
`

const WITHOUT_NAMESPACES = [
  'unshare',
  '--user',
  '--map-root-user',
  '--',
  'sh',
  '-c',
  'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$@"',
  'sh',
]

/**
 * As the superuser of nothing: no capability but the one that it takes to be user 0 again in a user
 * namespace. Everybody else needs none for that.
 */
const WITHOUT_CAPABILITIES = [
  ...['unshare', '--user', '--map-root-user', '--'],
  ...['setpriv', '--bounding-set=-all,+setfcap', '--inh-caps=-all', '--'],
]

/** Null where it cannot be made. */
export const UNPRIVILEGED = works([...WITHOUT_CAPABILITIES, 'unshare', '--user', 'true'])
  ? WITHOUT_CAPABILITIES
  : null

/** A machine that forbids namespaces, as most containers do; null where it cannot be made. */
export const FORBIDDING = works([...WITHOUT_NAMESPACES, 'true']) ? WITHOUT_NAMESPACES : null

const WITHOUT_ANYTHING = [
  ...WITHOUT_NAMESPACES,
  ...['python3', join(import.meta.dirname, 'without_landlock.py'), join(root, 'python', 'sandbox')],
]

/** A machine that has no Landlock either, as an older kernel; null where it cannot be made. */
export const BARE = works([...WITHOUT_ANYTHING, 'true']) ? WITHOUT_ANYTHING : null

/** A copy of the scripts that isolate: a clone may lie in a home that nobody else can look into. */
export async function scriptsForEverybody() {
  const folder = await temporaryFolder()
  cpSync(join(root, 'python', 'sandbox'), folder.path, { recursive: true })
  await chmod(folder.path, 0o755)
  return {
    ...folder,
    /** A command line of `commandLine`, with the copy. */
    by: (line: readonly string[]) =>
      line.map((word) => (word.endsWith('.py') ? join(folder.path, basename(word)) : word)),
  }
}

/** Whether a command line ends with 0. It starts in `/`, which every user may and no room hides. */
export function works([program = '', ...args]: readonly string[]): boolean {
  try {
    execFileSync(program, args, { cwd: '/', stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
