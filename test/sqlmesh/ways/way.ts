import type { Change } from './changes.ts'
import type { Content } from './tree.ts'

/** A way in which loading a project reads a file. */
export type Way = {
  readonly name: string
  /** A word that all names of its own have in them. */
  readonly id: string
  /** By path in the repository, whose project is in `wh`; null: what every project has is not there. */
  readonly files: Readonly<Record<string, Content | null>>
  /** The file that is read … */
  readonly read: string
  /** … and what it holds where it is another one. */
  readonly becomes: Content
  /** The change that makes other models; null: none does. */
  readonly moves: Change | null
  /** What that change makes is refused by SQLMesh. */
  readonly refused: boolean
  /** No Python of it reads anything: a change of anything else has to stay narrow. */
  readonly closed: boolean
  /** It does not bear another way beside it. */
  readonly alone: boolean
  /** A folder of what is installed; `{tree}` in a text is where the repository is. */
  readonly site: Readonly<Record<string, string>> | null
}

type Given = Partial<Way> & Pick<Way, 'files' | 'read' | 'becomes'>

/** `ID` stands for a word of the way's own in all that is given, so that several fit into one project. */
export function way(name: string, given: Given): Way {
  const id = `w_${name.replaceAll(/\W+/g, '_').toLowerCase()}_w`
  const own = <T>(value: T): T => {
    if (typeof value === 'string') return value.replaceAll('ID', id) as T
    if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return value
    if (Array.isArray(value)) return value.map(own) as T
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [own(key), own(one)])) as T
  }
  const rest = {
    moves: 'content',
    refused: false,
    closed: false,
    alone: false,
    site: null,
  } as const
  return { name, id, ...rest, ...own(given) }
}

/** A model whose table is what the macro `ID` says. */
export const asked = 'MODEL (name s.ID, kind FULL);\n\nSELECT x FROM @ID()\n'

const below = 'MODEL (name s.below_ID, kind FULL);\n\nSELECT x FROM s.ID\n'

/** A macro that says the table `s.X`, where `python` gives X. */
export const macroOf = (python: string) =>
  `from sqlmesh import macro\n\n${python}\n\n\n@macro()\ndef ID(evaluator):\n    return f"s.{X}"\n`

/** A macro whose module reads `../data/ID.md`, or what is given, into X: the name of a table. */
export function reading(
  name: string,
  python: string,
  given: Partial<Way> & { readonly holds?: readonly [Content, Content] } = {},
): Way {
  const { holds = ['a', 'b'], read = 'data/ID.md', files = {}, ...rest } = given
  const own = {
    'wh/macros/ID.py': macroOf(python),
    'wh/models/ID.sql': asked,
    'wh/models/below/ID.sql': below,
    [read]: holds[0],
  }
  return way(name, { files: { ...own, ...files }, read, becomes: holds[1], ...rest })
}

/** A file of which a load makes models by a rule of SQLMesh's own. */
export function loaded(
  name: string,
  read: string,
  holds: readonly [Content, Content],
  rest: Partial<Way> = {},
): Way {
  const { files = {}, ...others } = rest
  return way(name, {
    files: { [read]: holds[0], ...files },
    read,
    becomes: holds[1],
    closed: true,
    ...others,
  })
}

/** A file that Python or jinja of the project reads where something else names it. */
export function through(
  name: string,
  files: Way['files'],
  rest: Partial<Way> & { readonly holds?: readonly [Content, Content] } = {},
): Way {
  const { holds = ['a', 'b'], read = 'data/ID.md', ...others } = rest
  return way(name, { files: { [read]: holds[0], ...files }, read, becomes: holds[1], ...others })
}

/** A model of the way's own. */
export const model = (query: string, settings = '') =>
  `MODEL (name s.ID, kind FULL${settings});\n\n${query}\n`
