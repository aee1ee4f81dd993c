import { zipFile } from './binaries.ts'
import { reading, type Way } from './way.ts'

const module = { read: 'wh/lib_ID/x.py', holds: ["X = 'a'\n", "X = 'b'\n"] } as const
const closed = { ...module, closed: true }
const from = (folder: string) => ({ ...module, read: `${folder}/ID_x.py` })

/** Python that gets its table from another module. */
export const imports: readonly Way[] = [
  reading('import from', 'from lib_ID.x import X', closed),
  reading('import as', 'import lib_ID.x as y\nX = y.X', closed),
  reading('import, continued', 'from lib_ID.x \\\n    import X', closed),
  reading('import after a semicolon', 'import os.path; import lib_ID.x as y\nX = y.X', closed),
  reading('import after a form feed', 'import\x0clib_ID.x as y\nX = y.X', closed),
  reading('import in brackets', 'from lib_ID.x import (\n    X,\n)', closed),
  reading('import of several', 'import json, lib_ID.x as y\nX = y.X', closed),
  reading(
    'import in a function',
    'def given():\n    from lib_ID.x import X\n    return X\n\n\nX = given()',
    closed,
  ),
  reading('import of all', 'from lib_ID.x import *', closed),
  reading('import of a package', 'from lib_ID import X', {
    ...closed,
    read: 'wh/lib_ID/__init__.py',
  }),
  reading('import of a package for its module', 'from lib_ID import y\nX = y.X', {
    ...closed,
    read: 'wh/lib_ID/y.py',
    files: { 'wh/lib_ID/__init__.py': '' },
  }),
  reading('import of a neighbour', 'from macros.ID_x import X', {
    ...closed,
    read: 'wh/macros/ID_x.py',
  }),
  reading('import of a name that is not ASCII', 'from ünï_ID import X', {
    ...closed,
    read: 'wh/ünï_ID.py',
  }),
  reading('import in wide letters', 'from ｌib_ID import X', { ...closed, read: 'wh/lib_ID.py' }),
  reading('import with carriage returns', '', {
    ...closed,
    files: {
      'wh/macros/ID.py':
        'from sqlmesh import macro\rfrom lib_ID.x import X\r@macro()\rdef ID(evaluator):\r    return f"s.{X}"\r',
    },
  }),
  reading('two imports away', 'from lib_ID.one import X', {
    ...closed,
    read: 'wh/lib_ID/two.py',
    files: { 'wh/lib_ID/one.py': 'from lib_ID.two import X\n' },
  }),
  reading('two imports away, relative', 'from lib_ID.one import X', {
    ...closed,
    read: 'wh/lib_ID/two.py',
    files: { 'wh/lib_ID/__init__.py': '', 'wh/lib_ID/one.py': 'from .two import X\n' },
  }),
  reading('two imports away, where a file is read', 'from lib_ID.one import X', {
    read: 'wh/lib_ID/t.md',
    files: {
      'wh/lib_ID/one.py': 'from lib_ID.two import X\n',
      'wh/lib_ID/two.py':
        "from pathlib import Path\nX = (Path(__file__).parent / 't.md').read_text()\n",
    },
  }),
  reading(
    'a decorator of another module',
    'from lib_ID import given\n\n\n@given\ndef X():\n    pass',
    {
      files: {
        'wh/lib_ID.py': "def given(function):\n    return open('../data/ID.md').read()\n",
      },
    },
  ),
  reading('a function of another module', "from lib_ID import given\nX = given('../data/ID.md')", {
    files: { 'wh/lib_ID.py': 'def given(path):\n    return open(path).read()\n' },
  }),
  reading('an attribute that a module makes up', 'from lib_ID import X', {
    files: { 'wh/lib_ID.py': "def __getattr__(name):\n    return open('../data/ID.md').read()\n" },
  }),
  reading(
    'an import that may fail',
    "try:\n    from lib_ID.x import X\nexcept ImportError:\n    X = 'other'",
    {
      ...closed,
      moves: 'deleted',
    },
  ),
  reading('a module that hides a standard one', 'from tabnanny import X', {
    ...module,
    read: 'wh/tabnanny.py',
    alone: true,
  }),
  reading(
    'a module in whose place another one is imported',
    "from linecache import getline\nX = getline('../data/ID.md', 1)",
    {
      files: { 'wh/linecache.py': 'def getline(path, number):\n    return path\n' },
      alone: true,
    },
  ),
  reading('a dialect of a package in the project', '', {
    files: {
      'wh/ID-1.dist-info/METADATA': 'Metadata-Version: 2.1\nName: ID\nVersion: 1\n',
      'wh/ID-1.dist-info/entry_points.txt': '[sqlglot.dialects]\nID = ID_dialect:ID\n',
      'wh/ID_dialect.py': `from sqlglot.dialects.duckdb import DuckDB

import sqlmesh.core.model.definition as d

X = open('../data/ID.md').read()
d.SqlModel.data_hash = property(lambda self: X)


class ID(DuckDB):
    pass
`,
      'wh/models/ID.sql': 'MODEL (name s.ID, kind FULL, dialect ID);\n\nSELECT x FROM s.a\n',
    },
    alone: true,
  }),
  reading('importlib', "import importlib\nX = importlib.import_module('lib_ID.x').X", module),
  reading('__import__', "X = __import__('lib_ID.x').x.X", module),
  reading('runpy', "import runpy\nX = runpy.run_path('lib_ID/x.py')['X']", module),
  reading('exec of a file', "exec(open('lib_ID/x.py').read())", module),
  reading('pydoc.locate', "from pydoc import locate\nX = locate('lib_ID.x.X')", module),
  reading('pkgutil.resolve_name', "import pkgutil\nX = pkgutil.resolve_name('lib_ID.x:X')", module),
  reading(
    'import_python_file',
    "from pathlib import Path\nfrom sqlmesh.utils.metaprogramming import import_python_file\nX = import_python_file(Path('lib_ID/x.py'), Path('.')).X",
    module,
  ),
  reading(
    'spec_from_file_location',
    "import importlib.util as u\nS = u.spec_from_file_location('q', 'lib_ID/x.py')\nM = u.module_from_spec(S)\nS.loader.exec_module(M)\nX = M.X",
    module,
  ),
  reading(
    'sys.path',
    "import sys\nsys.path.insert(0, '../libs')\nfrom ID_x import X",
    from('libs'),
  ),
  reading('site', "import site\nsite.addsitedir('../libs')\nfrom ID_x import X", from('libs')),
  reading('a .pth file', "import site\nsite.addsitedir('../ID')\nfrom ID_x import X", {
    ...from('libs/src'),
    files: { 'ID/ID.pth': '../libs/src\n' },
  }),
  reading(
    'the path of a package',
    "import lib_ID\nlib_ID.__path__.append('../libs')\nfrom lib_ID.ID_x import X",
    {
      ...from('libs'),
      files: { 'wh/lib_ID/__init__.py': '' },
    },
  ),
  reading(
    'zipimport',
    "import sys\nsys.path.insert(0, '../data/ID.zip')\nfrom in_archive import X",
    {
      read: 'data/ID.zip',
      holds: [zipFile({ 'in_archive.py': "X = 'a'\n" }), zipFile({ 'in_archive.py': "X = 'b'\n" })],
    },
  ),
  reading('an editable install', 'from ID_x import X', {
    ...from('libs/src'),
    site: { 'ID.pth': '{tree}/libs/src\n' },
  }),
  reading(
    'an entry point',
    "from importlib.metadata import entry_points\nX = next(p for p in entry_points(group='ID')).load()",
    {
      ...from('libs/src'),
      site: {
        'ID.pth': '{tree}/libs/src\n',
        'ID-1.dist-info/METADATA': 'Metadata-Version: 2.1\nName: ID\nVersion: 1\n',
        'ID-1.dist-info/entry_points.txt': '[ID]\nx = ID_x:X\n',
      },
    },
  ),
]
