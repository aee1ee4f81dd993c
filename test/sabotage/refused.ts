import type { Defence } from './defence.ts'

const refused = 'python/unsynced/load/refusals.py'
const asked = 'python/unsynced/load/validate_together.py'
const valid = 'python/unsynced/load/validate_one_model.py'
const test = 'test/sqlmesh/refused.real.test.ts'

export const refusals: readonly Defence[] = [
  {
    name: 'a head that SQLMesh refuses is no success',
    file: 'src/sqlmesh/probe.ts',
    take: "if (side === 'base' || manifest.refused === null) return manifest",
    put: "if (side === 'base' || manifest.refused !== undefined) return manifest",
    test,
    only: 'a column that a star gave',
  },
  {
    name: 'a base that SQLMesh refuses is compared',
    file: 'src/sqlmesh/probe.ts',
    take: "if (side === 'base' || manifest.refused === null) return manifest",
    put: 'if (manifest.refused === null) return manifest',
    test,
    only: 'that is mended is a warning',
  },
  {
    name: 'cycles are looked for',
    file: asked,
    take: 'refusals.attempt(lambda: refuse_cycles(models))',
    put: 'pass',
    test,
    only: 'a cycle',
  },
  {
    name: 'cycles of base are, too, where few files are loaded',
    file: asked,
    take: 'return has_cycle({**graph_of(equal), **own})',
    put: 'return False',
    test,
    only: 'that is mended is a warning',
  },
  {
    name: 'rules are chosen as SQLMesh chooses them',
    file: refused,
    take: 'self.attempt(lambda: Linter.from_rules(own, loader.config.linter))',
    put: '_ = own, Linter',
    test,
    only: 'a rule that is not there',
  },
  {
    name: 'rules and unit tests are loaded',
    file: refused,
    take: 'method.set(loader, self.watched(partial(original, loader), nothing))',
    put: 'method.set(loader, lambda *_, nothing=nothing, **__: nothing())',
    test,
    only: 'a module of rules that raises',
  },
  {
    name: 'a changed unit test is loaded',
    file: 'src/scope/fileRoles.ts',
    take: "if (UNIT_TEST.test(inside)) return 'test'",
    put: "if (UNIT_TEST.test(inside)) return 'other'",
    test: 'test/scope/scope.test.ts',
  },
  {
    name: 'models are validated',
    file: valid,
    take: '    model.validate_definition()',
    put: '',
    test,
    only: 'a time column that is not selected',
  },
  {
    name: 'columns that a model gets from others are asked for',
    file: asked,
    take: 'if wanted is not None:',
    put: 'if wanted is None and refused:',
    test,
    only: 'a time column that a star does not give',
  },
  {
    name: 'what looks up columns is rendered with them',
    file: valid,
    take: 'if looks_up(model):',
    put: 'if looks_up(model) and False:',
    test,
    only: 'columns that a macro does not find',
  },
  {
    name: 'names of different length are left to SQLMesh',
    file: asked,
    take: '    if {names_in(model["fqn"]) for model in models} - {names}:',
    put: '    if not models:',
    test,
    only: 'a name of one part',
  },
]
