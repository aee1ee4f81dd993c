import type { Defence } from './defence.ts'

const narrow = 'test/sqlmesh/narrow.test.ts'
const macros = 'test/sqlmesh/macros.test.ts'
const categories = 'test/sqlmesh/categories.test.ts'
const evident = 'src/sqlmesh/probe_evident.py'

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
  {
    name: 'what a condition stands for decides too',
    file: 'src/sqlmesh/probe_reduced.py',
    take: 'while needed := [one for one in sparable if name_of(one) in names]:',
    put: 'while needed := [one for one in sparable if name_of(one) is names]:',
    test: 'test/sqlmesh/reducedQueries.test.ts',
  },
  {
    name: 'a macro may name whatever it likes',
    file: 'src/sqlmesh/probe_reduced.py',
    take: 'unsure = "all" in names or any(calls_macros(query) for query in queries)',
    put: 'unsure = "all" in names',
    test: 'test/sqlmesh/reducedQueries.test.ts',
  },
  {
    name: 'columns are counted where their number matters',
    file: 'src/sqlmesh/probe_reduced.py',
    take: 'if any(minds_columns(query) for query in queries):',
    put: 'if queries is None:',
    test: 'test/sqlmesh/reducedQueries.test.ts',
  },
  {
    name: 'what is above all the way up counts',
    file: 'src/sqlmesh/probe_lineage.py',
    take: 'found.update(self.found[parent])',
    put: 'pass',
    test: 'test/sqlmesh/lineage.test.ts',
  },
  {
    name: 'a model without columns counts wherever it is below',
    file: 'src/sqlmesh/probe_lineage.py',
    take: 'return {self.unnamed[one]} if one in self.unnamed else default',
    put: 'return default',
    test: 'test/sqlmesh/lineage.test.ts',
  },
  {
    name: 'metadata above a forward-only change is told to SQLMesh',
    file: 'src/sqlmesh/probe_categories.py',
    take: 'if any(model is not None and is_forward_only(model) for model in wanted.values()):',
    put: 'if not wanted:',
    test: categories,
    only: 'columns left out change no category',
  },
  {
    name: 'a column that is only in a condition can make SQLMesh give up a query',
    file: evident,
    take: 'yield name, whole, sought - selected',
    put: 'yield name, whole, set()',
    test: categories,
  },
  {
    name: 'a column that ORDER BY numbers can make SQLMesh give up a query',
    file: evident,
    take: 'if name == "order" else ()',
    put: 'if name == "" else ()',
    test: categories,
  },
  {
    name: 'a column that is looked up nowhere else can make SQLMesh give up a query',
    file: evident,
    take: 'if whole is not None or not sought <= selected:',
    put: 'if whole is not None:',
    test: categories,
  },
]
