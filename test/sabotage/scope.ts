import type { Defence } from './defence.ts'

const narrow = 'test/sqlmesh/narrow.test.ts'
const macros = 'test/sqlmesh/macros.test.ts'

export const scope: readonly Defence[] = [
  {
    name: 'tables that a macro names are looked for',
    file: 'src/sqlmesh/probe_files.py',
    take: 'own = (words(text) for name in self.calls for text in self.macros[name])',
    put: 'own: list[set[str]] = []',
    test: narrow,
    only: 'loading less gives the same report',
  },
  {
    name: 'tables that a macro’s default names are looked for',
    file: 'src/sqlmesh/probe_macros.py',
    take: 'return [*own, *(ast.unparse(default) for default in found.args.defaults)]',
    put: 'return own',
    test: macros,
  },
  {
    name: 'a macro that makes up names is not seen through',
    file: 'src/sqlmesh/probe_macros.py',
    take: 'or WORD.match(before)',
    put: '',
    test: macros,
  },
  {
    name: 'what a moved model’s children read has moved too',
    file: 'src/sqlmesh/probe_scope.py',
    take: '    open_ends = list(moved)',
    put: '    open_ends: list[str] = []',
    test: narrow,
  },
]
