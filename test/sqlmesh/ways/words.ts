import { reading, type Way } from './way.ts'

/** A source in UTF-7, which looks like a comment in any other. */
const UTF7 =
  '# coding: utf-7\nfrom sqlmesh import macro\n# +AAo-X = open(\'../data/ID.md\').read()\n\n\n@macro()\ndef ID(evaluator):\n    return f"s.+AHs-X+AH0-"\n'

/** Python that does it in other words. */
export const words: readonly Way[] = [
  reading('another name for open', "look = open\nX = look('../data/ID.md').read()"),
  reading('open as a value', "X = next(map(open, ['../data/ID.md'])).read()"),
  reading('getattr', "import builtins\nX = getattr(builtins, 'op' + 'en')('../data/ID.md').read()"),
  reading('builtins as a mapping', "X = __builtins__['open']('../data/ID.md').read()"),
  reading('exec', 'exec("X = open(\'../data/ID.md\').read()")'),
  reading('eval', 'X = eval("open(\'../data/ID.md\').read()")'),
  reading(
    'methodcaller',
    "from operator import methodcaller\nX = methodcaller('read')(open('../data/ID.md'))",
  ),
  reading('partial', "from functools import partial\nX = partial(open, '../data/ID.md')().read()"),
  reading('a name of pieces', "X = open('/'.join(['..', 'da' + 'ta', 'ID' + '.m' + 'd'])).read()"),
  reading('a formatted text', 'X = f"{open(\'../data/ID.md\').read()}"'),
  reading('a class body', "class K:\n    X = open('../data/ID.md').read()\n\n\nX = K.X"),
  reading(
    'a metaclass',
    "class M(type):\n    def __new__(cls, name, bases, space):\n        return open('../data/ID.md').read()\n\n\nclass X(metaclass=M):\n    pass",
  ),
  reading(
    'an operator',
    "class K:\n    def __add__(self, path):\n        return open(path).read()\n\n\nX = K() + '../data/ID.md'",
  ),
  reading('a default', "def given(x=open('../data/ID.md').read()):\n    return x\n\n\nX = given()"),
  reading('a decorator', "@lambda f: open('../data/ID.md').read()\ndef X():\n    pass"),
  reading(
    'an annotation',
    "N = []\n\n\ndef f(x: N.append(open('../data/ID.md').read())):\n    pass\n\n\nX = N[0]",
  ),
  reading('a lambda', "X = (lambda path: open(path))('../data/ID.md').read()"),
  reading(
    'an evaluator of its own',
    `from sqlmesh.core.macros import MacroEvaluator


class E:
    name = path = alias = None
    is_value, is_import, is_definition, is_metadata = True, False, False, False
    payload = "{'x': open('../data/ID.md').read()}"


X = MacroEvaluator(python_env={"__sqlmesh__vars__": E()}).var("x")`,
  ),
  reading('a comprehension', "X = [line for line in open('../data/ID.md')][0]"),
  reading(
    'an error that is caught',
    "try:\n    X = open('../data/ID.md').read()\nexcept OSError:\n    X = 'other'",
    {
      moves: 'deleted',
    },
  ),
  reading('a condition', "X = 'b'\nif 'a' in open('../data/ID.md').read():\n    X = 'a'"),
  reading('a name that hides a harmless one', "str = open\nX = str('../data/ID.md').read()"),
  reading(
    'a star import that hides a harmless name',
    "from lib_ID import *\nX = len('../data/ID.md')",
    {
      files: { 'wh/lib_ID.py': 'def len(path):\n    return open(path).read()\n' },
    },
  ),
  reading('an encoding', '', {
    files: { 'wh/macros/ID.py': UTF7 },
  }),
  reading('a macro that a macro makes up', '', {
    files: {
      'wh/macros/ID.py': `from sqlmesh import macro


@macro()
def ID(evaluator):
    return chr(64) + "IF(list.open('../data/ID.md') IS NULL, s.b, s.a)"
`,
    },
    moves: 'deleted',
    refused: true,
  }),
]
