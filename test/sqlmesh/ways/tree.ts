/** What a path holds. A submodule's files are those of the commit that it is at. */
export type Content =
  | string
  | Buffer
  | { readonly link: string }
  | { readonly program: string }
  | { readonly submodule: Readonly<Record<string, string>> }

/** The files of a commit, by path. */
export type Tree = Readonly<Record<string, Content>>
