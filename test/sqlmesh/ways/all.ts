import { called } from './called.ts'
import { configured } from './configured.ts'
import { folders } from './folders.ts'
import { imports } from './imports.ts'
import { loaders } from './loaders.ts'
import { looks } from './looks.ts'
import { opens } from './opens.ts'
import { plain } from './plain.ts'
import { seeds } from './seeds.ts'
import type { Content, Tree } from './tree.ts'
import type { Way } from './way.ts'
import { words } from './words.ts'

export const ways: readonly Way[] = [
  ...opens,
  ...looks,
  ...words,
  ...imports,
  ...seeds,
  ...loaders,
  ...folders,
  ...called,
  ...configured,
]

/** A project in which each of these reads its file. */
export function projectOf(chosen: readonly Way[]): Tree {
  const files = Object.entries(Object.assign({}, plain, ...chosen.map((one) => one.files)))
  return Object.fromEntries(files.filter((file): file is [string, Content] => file[1] !== null))
}
