import { reading, type Way } from './way.ts'

/** X, by whether a look at the file succeeds. */
const looking = (name: string, python: string, more: Partial<Way> = {}) =>
  reading(
    `a look: ${name}`,
    `import os\ntry:\n    X = 'a' if ${python} else 'b'\nexcept (OSError, ImportError):\n    X = 'b'`,
    { moves: 'deleted', becomes: 'x', ...more },
  )

/** Python that only looks whether something is there. */
export const looks: readonly Way[] = [
  looking('its folder', "os.path.isdir('../own_ID')", { read: 'own_ID/ID.md' }),
  looking('a package', "__import__('own_ID')", { read: 'wh/own_ID/README.md' }),
  looking('an open folder', "os.stat('ID.md', dir_fd=os.open('../data', os.O_RDONLY))"),
  looking('the way over it', "os.stat('../own_ID/../data').st_mode", { read: 'own_ID/ID.md' }),
  looking(
    'a link that it makes',
    "(os.path.exists('../l_ID') or os.symlink('data', '../l_ID') or 1) and os.path.exists('../l_ID/ID.md')",
  ),
  looking('its times', "os.utime('../data/ID.md') is None"),
  looking('the module below os', "__import__('posix').stat('../data/ID.md')"),
  looking('what is its size', "os.statvfs('../data/ID.md')"),
]
