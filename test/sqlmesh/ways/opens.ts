import { gzipSync } from 'node:zlib'
import { sqliteFile, zipFile } from './binaries.ts'
import { reading, type Way } from './way.ts'

/** Python that opens a file, or looks at one, while its module is imported. */
const files: readonly Way[] = [
  reading('open', "X = open('../data/ID.md').read()"),
  reading('a path', "from pathlib import Path\nX = Path('../data/ID.md').read_text()"),
  reading(
    'beside the module',
    "from pathlib import Path\nX = (Path(__file__).parent / 'ID.md').read_text()",
    { read: 'wh/macros/ID.md' },
  ),
  reading(
    'outside of the project',
    "from pathlib import Path\nX = (Path(__file__).parents[2] / 'shared' / 'ID.md').read_text()",
    { read: 'shared/ID.md' },
  ),
  reading('with', "with open('../data/ID.md') as file:\n    X = file.read()"),
  reading('io', "import io\nX = io.open('../data/ID.md').read()"),
  reading('codecs', "import codecs\nX = codecs.open('../data/ID.md').read()"),
  reading('tokenize', "import tokenize\nX = tokenize.open('../data/ID.md').read()"),
  reading('os.open', "import os\nX = os.read(os.open('../data/ID.md', 0), 9).decode()"),
  reading('linecache', "import linecache\nX = linecache.getline('../data/ID.md', 1).strip()"),
  reading('fileinput', "import fileinput\nX = next(iter(fileinput.input('../data/ID.md')))"),
  reading('csv', "import csv\nX = next(csv.reader(open('../data/ID.csv')))[0]", {
    read: 'data/ID.csv',
  }),
  reading('json', "import json\nX = json.load(open('../data/ID.json'))['table']", {
    read: 'data/ID.json',
    holds: ['{"table": "a"}', '{"table": "b"}'],
  }),
  reading('tomllib', "import tomllib\nX = tomllib.load(open('../data/ID.data', 'rb'))['table']", {
    read: 'data/ID.data',
    holds: ['table = "a"\n', 'table = "b"\n'],
  }),
  reading(
    'configparser',
    "import configparser\nP = configparser.ConfigParser()\nP.read('../data/ID.conf')\nX = P.get('t', 'table', fallback='other')",
    { read: 'data/ID.conf', holds: ['[t]\ntable = a\n', '[t]\ntable = b\n'] },
  ),
  reading(
    'xml',
    "from xml.etree import ElementTree\nX = ElementTree.parse('../data/ID.xml').getroot().text",
    { read: 'data/ID.xml', holds: ['<t>a</t>', '<t>b</t>'] },
  ),
  reading(
    'yaml.load',
    "from ruamel import yaml\nX = yaml.YAML(typ='safe').load(open('../data/ID.yaml'))['table']",
    { read: 'data/ID.yaml', holds: ['table: a\n', 'table: b\n'] },
  ),
  reading(
    'yaml of SQLMesh',
    "from pathlib import Path\nfrom sqlmesh.utils.yaml import load\nX = load(Path('../data/ID.yaml'))['table']",
    { read: 'data/ID.yaml', holds: ['table: a\n', 'table: b\n'] },
  ),
  reading('pandas.read_csv', "import pandas\nX = pandas.read_csv('../data/ID.csv').columns[0]", {
    read: 'data/ID.csv',
    holds: ['a\n1\n', 'b\n1\n'],
  }),
  reading('numpy', "import numpy\nX = str(numpy.loadtxt('../data/ID.md', dtype=str))"),
  reading(
    'duckdb',
    `import duckdb\nX = duckdb.sql("SELECT t FROM read_csv('../data/ID.csv', header = true)").fetchone()[0]`,
    { read: 'data/ID.csv', holds: ['t\na\n', 't\nb\n'] },
  ),
  reading(
    'sqlite3',
    "import sqlite3\nX = 'ab'[sqlite3.connect('../data/ID.db').execute('PRAGMA user_version').fetchone()[0]]",
    { read: 'data/ID.db', holds: [sqliteFile(0), sqliteFile(1)] },
  ),
  reading('pickle', "import pickle\nX = pickle.load(open('../data/ID.pkl', 'rb'))", {
    read: 'data/ID.pkl',
    holds: ['Va\np0\n.', 'Vb\np0\n.'],
  }),
  reading('zipfile', "import zipfile\nX = zipfile.ZipFile('../data/ID.zip').read('t').decode()", {
    read: 'data/ID.zip',
    holds: [zipFile({ t: 'a' }), zipFile({ t: 'b' })],
  }),
  reading('gzip', "import gzip\nX = gzip.open('../data/ID.gz', 'rt').read()", {
    read: 'data/ID.gz',
    holds: [gzipSync('a'), gzipSync('b')],
  }),
  reading(
    'mmap',
    "import mmap\nF = open('../data/ID.md')\nX = mmap.mmap(F.fileno(), 0, prot=1)[:].decode()",
  ),
  reading(
    'ctypes',
    "import ctypes\nC, B = ctypes.CDLL(None), ctypes.create_string_buffer(1)\nC.read(C.open(b'../data/ID.md', 0), B, 1)\nX = B.raw.decode()",
  ),
  reading(
    'subprocess',
    "import subprocess\nX = subprocess.check_output(['cat', '../data/ID.md'], text=True)",
  ),
  reading('os.popen', "import os\nX = os.popen('cat ../data/ID.md').read()"),
  reading('os.system', "import os\nX = 'b' if os.system('grep -q b ../data/ID.md') == 0 else 'a'"),
  reading('inspect', 'import inspect\nfrom lib_ID import x\nX = inspect.getsource(x)[2]', {
    read: 'wh/lib_ID/x.py',
    holds: ['# a\n', '# b\n'],
    files: { 'wh/lib_ID/__init__.py': '' },
  }),
  reading(
    'package data',
    "import importlib.resources\nimport lib_ID\nX = importlib.resources.files(lib_ID).joinpath('x.md').read_text()",
    { read: 'wh/lib_ID/x.md', files: { 'wh/lib_ID/__init__.py': '' } },
  ),
  reading('pkgutil', "import pkgutil\nX = pkgutil.get_data('lib_ID', 'x.md').decode()", {
    read: 'wh/lib_ID/x.md',
    files: { 'wh/lib_ID/__init__.py': '' },
  }),
  reading(
    'templates of jinja2',
    "import jinja2\nX = jinja2.Environment(loader=jinja2.FileSystemLoader('../data')).get_template('ID.j2').render()",
    { read: 'data/ID.j2' },
  ),
  reading('a name in another file', "X = open(open('../data/ID.list').read()).read()", {
    read: 'docs/ID.md',
    files: { 'data/ID.list': '../docs/ID.md' },
  }),
  reading(
    'a name in a constant of another module',
    'from lib_ID import NAME\nX = open(NAME).read()',
    {
      files: { 'wh/lib_ID.py': "NAME = '../data/ID.md'\n" },
    },
  ),
]

const exists = { holds: ['', 'b'], moves: 'deleted' } as const

/** Python that does not read what a file holds. */
const looks: readonly Way[] = [
  reading('exists', "import os\nX = 'b' if os.path.exists('../data/ID.md') else 'a'", exists),
  reading(
    'is_file',
    "from pathlib import Path\nX = 'b' if Path('../data/ID.md').is_file() else 'a'",
    exists,
  ),
  reading('os.access', "import os\nX = 'b' if os.access('../data/ID.md', os.X_OK) else 'a'", {
    ...exists,
    moves: 'mode',
  }),
  reading('os.stat', "import os\nX = 'ab'[os.stat('../data/ID.md').st_size % 2]", {
    holds: ['', 'b'],
  }),
  reading(
    'lstat',
    "from pathlib import Path\nX = 'ab'[Path('../data/ID.md').lstat().st_size % 2]",
    {
      holds: ['', 'b'],
    },
  ),
  reading('readlink', "import os\nX = os.readlink('../data/ID.md')", {
    holds: [{ link: 'a' }, { link: 'b' }],
  }),
  reading('listdir', "import os\nX = sorted(os.listdir('../data/ID'))[0][0]", {
    ...exists,
    read: 'data/ID/b',
    files: { 'data/ID/z': '' },
  }),
  reading('scandir', "import os\nX = min(entry.name for entry in os.scandir('../data/ID'))[0]", {
    ...exists,
    read: 'data/ID/b',
    files: { 'data/ID/z': '' },
  }),
  reading('os.walk', "import os\nX = min(min(names) for _, _, names in os.walk('../data/ID'))[0]", {
    ...exists,
    read: 'data/ID/b',
    files: { 'data/ID/z': '' },
  }),
  reading('iterdir', "from pathlib import Path\nX = min(Path('../data/ID').iterdir()).name[0]", {
    ...exists,
    read: 'data/ID/b',
    files: { 'data/ID/z': '' },
  }),
  reading('glob', "import glob\nX = open(sorted(glob.glob('../data/ID/*'))[0]).read()", {
    read: 'data/ID/t.md',
  }),
  reading('rglob', "from pathlib import Path\nX = min(Path('../data').rglob('*.ID')).read_text()", {
    read: 'data/deep/t.ID',
  }),
]

export const opens: readonly Way[] = [...files, ...looks]
