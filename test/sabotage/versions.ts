import type { Defence } from './defence.ts'

const categories = 'test/sqlmesh/categories.real.test.ts'
const clickhouse = 'test/sqlmesh/clickhouse.real.test.ts'
const keptTest = 'test/sqlmesh/keptVersions.test.ts'
const reducedTest = 'test/sqlmesh/reducedQueries.real.test.ts'
const asked = 'python/unsynced/categorise/unchanged_models.py'
const evident = 'python/unsynced/describe/declared_columns.py'
const kept = 'src/sqlmesh/keptVersions.ts'
const lazy = 'python/unsynced/categorise/lazy_categoriser.py'
const lineage = 'python/unsynced/categorise/lineage.py'
const plain = 'python/unsynced/categorise/plain.py'
const probe = 'python/unsynced/manifest.py'
const query = 'python/unsynced/describe/query.py'
const reduced = 'python/unsynced/categorise/reduced_query.py'

export const versions: readonly Defence[] = [
  {
    name: 'what SQLMesh has moved ends the load before anything runs',
    file: 'python/unsynced/load/context.py',
    take: '    if missing:\n',
    put: '    if missing is None:\n',
    test: 'test/sqlmesh/internals.real.test.ts',
    only: 'not there any more',
  },
  {
    name: 'what is private to SQLMesh is named in one place',
    file: 'python/unsynced/narrow/narrow_load.py',
    take: 'self.glob_paths = internals.glob_paths.get(loader)',
    put: 'self.glob_paths = loader._glob_paths',
    test: 'test/sqlmesh/internals.real.test.ts',
    only: 'has what internals.py says',
  },
  {
    name: 'columns that are left for later are given to whoever leaves nothing',
    file: plain,
    take: '        later.give_all()',
    put: '        pass',
    test: categories,
    only: 'columns left out change no category',
  },
  {
    name: 'digests of ingredients are too long to find two that agree',
    file: 'python/unsynced/describe/parts.py',
    take: 'hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:32]',
    put: 'hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]',
    test: 'test/sqlmesh/treeDigests.real.test.ts',
    only: 'digests of ingredients',
  },
  {
    name: 'what a condition stands for decides too',
    file: reduced,
    take: 'while needed := [one for one in sparable if name_of(one) in names]:',
    put: 'while needed := [one for one in sparable if name_of(one) is names]:',
    test: reducedTest,
  },
  {
    name: 'a macro may name whatever it likes',
    file: reduced,
    take: 'unsure = "all" in names or any(calls_macros(query) for query in queries)',
    put: 'unsure = "all" in names',
    test: reducedTest,
  },
  {
    name: 'columns are counted where their number matters',
    file: reduced,
    take: 'if any(minds_columns(query) for query in queries):',
    put: 'if queries is None:',
    test: reducedTest,
  },
  {
    name: 'what is above all the way up counts',
    file: lineage,
    take: 'found.update(self.found[parent])',
    put: 'pass',
    test: 'test/sqlmesh/lineage.real.test.ts',
  },
  {
    name: 'a model without columns counts wherever it is below',
    file: lineage,
    take: 'return {self.unnamed[one]} if one in self.unnamed else default',
    put: 'return default',
    test: 'test/sqlmesh/lineage.real.test.ts',
  },
  {
    name: 'metadata above a forward-only change is told to SQLMesh',
    file: asked,
    take: 'if any(is_forward_only(source.model(content)) for content in after.values()):',
    put: 'if not after:',
    test: categories,
    only: 'columns left out change no category',
  },
  {
    name: 'a column that is only in a condition can make SQLMesh give up a query',
    file: evident,
    take: 'yield position, name, whole, sought - selected',
    put: 'yield position, name, whole, set()',
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
  {
    name: 'the order of columns is part of them',
    file: evident,
    take: '[*columns.items()] == [*others.items()]',
    put: 'columns == others',
    test: categories,
  },
  {
    name: 'a condition belongs to its own SELECT',
    file: evident,
    take: 'yield position, name, whole, sought',
    put: 'yield 0, name, whole, sought',
    test: categories,
  },
  {
    name: 'a change is looked at also above a model without columns',
    file: lazy,
    take: 'self.settle(one.name)',
    put: 'pass',
    test: categories,
  },
  {
    name: 'only a version that moves spares a look at another',
    file: lazy,
    take: 'is_broken(new) and new.version != old.version',
    put: 'is_broken(new)',
    test: categories,
  },
  {
    name: 'what a person chooses stays open',
    file: lazy,
    take: 'verdicts.spared | planner.left_open()',
    put: 'verdicts.spared',
    test: categories,
  },
  {
    name: 'plans may be forward-only',
    file: plain,
    take: '"forward_only": plan.forward_only,',
    put: '',
    test: categories,
  },
  {
    name: 'projects say what is categorised',
    file: plain,
    take: '"categorizer_config": plan.auto_categorize_changes,',
    put: '',
    test: categories,
  },
  {
    name: 'a macro that asks for columns cannot be rendered without',
    file: query,
    take: 'rendered is None or lost',
    put: 'rendered is None',
    test: categories,
  },
  {
    name: 'statements use definitions too',
    file: query,
    take: 'is not None and statements',
    put: 'is not None and False',
    test: categories,
  },
  {
    name: 'the order of joins is part of a query',
    file: query,
    take: 'clauses.update(order_of("JOINs", value or []))',
    put: 'pass',
    test: categories,
  },
  {
    name: 'nothing is kept below a change',
    file: kept,
    take: '    ...real,\n',
    put: '',
    test: keptTest,
  },
  {
    name: 'nor below what is gone',
    file: kept,
    take: '    ...removedFrom(base, head),\n',
    put: '',
    test: keptTest,
  },
  {
    name: 'a forward-only model of another kind is built anew',
    file: kept,
    take: 'return base.kind === head.kind',
    put: 'return true',
    test: keptTest,
  },
  {
    name: 'reusing has to be the same on both commits',
    file: kept,
    take: 'base.reusesVersion !== head.reusesVersion',
    put: 'false',
    test: keptTest,
  },
  {
    name: 'what the optimiser numbers stays in its place',
    file: reduced,
    take: 'is_read_by_name(node) and has_numbered(node)',
    put: 'False',
    test: reducedTest,
  },
  {
    name: 'an object of a dialect is equal wherever it is',
    file: query,
    take: 'if isinstance(one, Dialect) else one',
    put: 'if one is Dialect else one',
    test: 'test/sqlmesh/treeDigests.real.test.ts',
  },
  {
    name: 'a ClickHouse hash waits for columns',
    file: probe,
    take: '    if take_waiting(loaded):',
    put: '    if take_waiting(loaded) and False:',
    test: clickhouse,
  },
  {
    name: 'a second load registers macros anew',
    file: probe,
    take: '        forget_modules(tree)\n        return load_stock(',
    put: '        return load_stock(',
    test: clickhouse,
  },
  {
    name: 'parents that come and go are part of what is compared',
    file: asked,
    take: 'source.contents(turned - before.keys() - after.keys())',
    put: 'source.contents(set())',
    test: categories,
  },
  {
    name: 'a view that is built anew makes nothing run',
    file: lazy,
    take: 'if one.name in self.idle and',
    put: 'if one.name is self.idle and',
    test: categories,
  },
  {
    name: 'nothing is kept below such a view',
    file: kept,
    take: '    ...rebuilt.map(({ fqn }) => fqn),\n',
    put: '',
    test: keptTest,
  },
]
