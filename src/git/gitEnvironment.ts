import { devNull } from 'node:os'

type Variables = Readonly<Record<string, string>>

/** What git needs to find its programs and settings, to speak, and to write temporary files. */
const ALWAYS =
  /^(PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP|XDG_CONFIG_HOME)$/

/** What it takes to reach the remote besides, from behind proxies and with private authorities too. */
const REMOTE =
  /^((HTTPS?|ALL|NO)_PROXY|(https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|CURL_CA_BUNDLE|GIT_SSL_CA(INFO|PATH)|SSH_AUTH_SOCK)$/

/** Git must not ask anybody, and must read what the commits say, not what was put in their place. */
const OURS: Variables = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  // No such file: git warns of one that is there, whatever is in it.
  GIT_GRAFT_FILE: `${devNull}/none`,
  // Outdoes what any configuration allows: `ext::` and foreign helpers run programs.
  GIT_ALLOW_PROTOCOL: 'https:http:ssh:file',
}

/**
 * Environment of git in the user's repository: an allow-list, since the action's own has tokens in it
 * and variables that change what git does.
 */
export function repositoryVariables(inherited: NodeJS.ProcessEnv, remote: boolean): Variables {
  return { ...chosen(inherited, remote), ...OURS }
}

/** Environment of git in a repository of ours, where nobody's settings apply. */
export function readerVariables(
  inherited: NodeJS.ProcessEnv,
  place: { readonly repository: string; readonly objects: string; readonly tree: string | null },
): Variables {
  return {
    ...chosen(inherited, false),
    ...OURS,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_DIR: place.repository,
    GIT_OBJECT_DIRECTORY: place.objects,
    ...(place.tree === null ? {} : { GIT_WORK_TREE: place.tree }),
  }
}

function chosen(inherited: NodeJS.ProcessEnv, remote: boolean): Variables {
  const entries = Object.entries(inherited).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (ALWAYS.test(entry[0]) || (remote && REMOTE.test(entry[0]))),
  )
  return Object.fromEntries(entries)
}
