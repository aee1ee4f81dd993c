import { describe, expect, test } from 'vitest'
import { readsOf } from '../../src/interpreter/knownInstallers.ts'

type Files = Readonly<Record<string, string>>

/** Files that an installation reads, sorted; or why it may read any. */
async function reads(command: string, files: Files = {}, environment: NodeJS.ProcessEnv = {}) {
  const names = Object.keys(environment)
  const found = await readsOf(
    command,
    { environment, names },
    {
      list: async (folder) => {
        const start = folder === '.' ? '' : `${folder}/`
        const inside = Object.keys(files).filter((path) => path.startsWith(start))
        return [...new Set(inside.map((path) => path.slice(start.length).split('/')[0] as string))]
      },
      read: async (file) => files[file] ?? null,
    },
  )
  if (found.kind === 'anything') return `anything: ${found.because}`
  return [...found.files].flatMap(([path, text]) => (text === null ? [] : [path])).sort()
}

const lock = (source: string) =>
  `[[package]]\nname = "sqlmesh"\nversion = "0.236.4"\nsource = { registry = "https://index.example/simple" }\n\n[[package]]\nname = "shop"\nversion = "1"\nsource = { ${source} }\n`
const uvProject = (source: string, pyproject = '[project]\nname = "shop"\n') => ({
  'pyproject.toml': pyproject,
  'uv.lock': lock(source),
})
const poetryProject = (settings = '', source = '') => ({
  'pyproject.toml': `[tool.poetry]\nname = "shop"\n${settings}`,
  'poetry.lock': `[[package]]\nname = "sqlmesh"\nversion = "0.236.4"\n${source}`,
})

describe('an installation that reads certain files alone', () => {
  const includes = {
    'requirements.txt':
      '-r reqs/base.txt\n--constraint pins\nsqlmesh[web]==0.236.4 --hash=sha256:0a\n',
    'reqs/base.txt': '-c ../pins\nduckdb ; python_version < "3.12"\n',
    pins: 'sqlglot==30.8.0\n-i https://\u0024{TOKEN}@index.example/simple\n',
    'other.txt': '',
  }
  const followed = ['pins', 'reqs/base.txt', 'requirements.txt']

  test.each<[string, Files, string[]]>([
    ['pip install sqlmesh==0.236.4 "duckdb>=1,<2"', includes, []],
    ['pip install -r requirements.txt', includes, followed],
    ['pip3 install --quiet --requirement=./requirements.txt', includes, followed],
    ['pip install --upgrade pip && pip install -r requirements.txt # ours', includes, followed],
    ['python -m pip install \\\n  -r requirements.txt\n', includes, followed],
    ['uv pip install -r requirements.txt', includes, followed],
    ['cd reqs; pip install -r base.txt', includes, ['pins', 'reqs/base.txt']],
    ["cd 'reqs' && cd ..\npip install -r other.txt", includes, ['other.txt']],
    ['uv sync --frozen', uvProject('virtual = "."'), ['pyproject.toml', 'uv.lock']],
    [
      'uv sync --frozen --no-install-project --group dev',
      uvProject('editable = "."'),
      ['pyproject.toml', 'uv.lock'],
    ],
    [
      'uv sync --frozen --project=data/shop',
      {
        'pyproject.toml': '[tool.ruff]\n',
        '.python-version': '3.11',
        'data/shop/pyproject.toml': '[project]\n',
        'data/shop/uv.lock': lock('virtual = "."'),
      },
      ['.python-version', 'data/shop/pyproject.toml', 'data/shop/uv.lock', 'pyproject.toml'],
    ],
    ['poetry install --no-root', poetryProject(), ['poetry.lock', 'pyproject.toml']],
    [
      'pip install poetry==2.2.1 && poetry install',
      poetryProject('package-mode = false\n'),
      ['poetry.lock', 'pyproject.toml'],
    ],
  ])('%s', async (command, files, expected) => {
    expect(await reads(command, files)).toEqual(expected)
  })

  test('with variables that name no file', async () => {
    const environment = {
      PIP_INDEX_URL: 'https://index.example/simple',
      PIP_FIND_LINKS: '/opt/wheels https://index.example/wheels',
      UV_INDEX: 'ours=https://index.example/simple',
      UV_CACHE_DIR: '/cache',
      UV_PYTHON: '3.12',
      PATH: '/usr/bin',
      CATALOG: 'analytics',
    }
    expect(await reads('pip install -r a.txt', { 'a.txt': '' }, environment)).toEqual(['a.txt'])
  })
})

describe('an installation that could read any file', () => {
  test.each<[string, Files]>([
    // Programs of the repository, and programs that read what they like.
    ['make env', {}],
    ['sh ci/env.sh', {}],
    ['./install', {}],
    ['. ci/env.sh && pip install sqlmesh', {}],
    ['python ci/build.py', {}],
    ['nix develop -c true', {}],
    ['just install', {}],
    ['tox -e py', {}],
    ['mise install', {}],
    ['conda env create -f environment.yml', {}],
    ['docker build .', {}],
    ['pipenv sync', {}],
    ['pdm sync', {}],
    ['uv run ci/build.py', {}],
    ['true', {}],
    // What a shell makes of it is not looked at.
    ['pip install -r $FILE', {}],
    ['pip install -r "$FILE"', {}],
    ['pip install $(cat pins)', {}],
    ['pip install `cat pins`', {}],
    ['pip install -r *.txt', {}],
    ['pip install -r {a,b}.txt', {}],
    ['pip install -r ~/a.txt', {}],
    ['pip install sqlmesh | tee log', {}],
    ['pip install sqlmesh || make env', {}],
    ['pip install sqlmesh & make env', {}],
    ['(pip install sqlmesh)', {}],
    ['pip install sqlmesh > log', {}],
    ['PIP_CONSTRAINT=pins pip install sqlmesh', {}],
    ['if true; then pip install sqlmesh; fi', {}],
    ['pip install "a\nb"', {}],
    // What is in the repository is built by its own programs.
    ['pip install .', {}],
    ['pip install -e .', {}],
    ['pip install ./libs/common', {}],
    ['pip install libs/common', {}],
    ['pip install common.whl', {}],
    ['pip install "common @ file:///libs/common"', {}],
    ['pip install -r a.txt', { 'a.txt': '-e .\n' }],
    ['pip install -r a.txt', { 'a.txt': './libs/common\n' }],
    ['pip install -r a.txt', { 'a.txt': '--find-links wheels\n' }],
    ['pip install -r a.txt', { 'a.txt': '--index-url ./index\n' }],
    ['pip install -r a.txt', { 'a.txt': '-r b.txt\n', 'b.txt': 'file:libs/common' }],
    ['uv sync --frozen', uvProject('editable = "."')],
    ['uv sync --frozen --no-install-project', uvProject('editable = "libs/common"')],
    ['uv sync --frozen', uvProject('directory = "libs/common"')],
    ['uv sync --frozen', uvProject('path = "common.whl"')],
    ['uv sync --frozen', uvProject('registry = "wheels"')],
    ['uv sync --frozen', uvProject('virtual = "."', '[tool.uv.workspace]\nmembers = ["libs/*"]\n')],
    [
      'uv sync --frozen --project shop',
      {
        'shop/pyproject.toml': '',
        'shop/uv.lock': lock('virtual = "."'),
        'pyproject.toml': '[tool.uv]\n',
      },
    ],
    ['poetry install', poetryProject()],
    ['poetry install --no-root', poetryProject('[tool.poetry.requires-plugins]\nx = "*"\n')],
    [
      'poetry install --no-root',
      poetryProject('', '[package.source]\ntype = "directory"\nurl = "libs/common"\n'),
    ],
    // Options that read something else, or that are not known.
    ['uv sync', uvProject('virtual = "."')],
    ['uv sync --locked', uvProject('virtual = "."')],
    ['uv sync --frozen --script x.py', uvProject('virtual = "."')],
    ['pip install --group dev', {}],
    ['pip install --index-url ./wheels sqlmesh', {}],
    ['pip install --build-constraint pins sqlmesh', {}],
    ['uv pip install sqlmesh', { 'pyproject.toml': '[tool.uv]\nfind-links = ["wheels"]\n' }],
    ['uv pip install sqlmesh', { 'uv.toml': '' }],
    ['uv pip install -r pyproject.toml', { 'pyproject.toml': '' }],
    // Files that are not there, cannot be read, or lead elsewhere.
    ['pip install -r a.txt', {}],
    ['pip install -r a.txt', { 'a.txt': '-r b.txt' }],
    ['pip install -r a.txt', { 'a.txt': '-r https://example.org/b.txt' }],
    ['pip install -r a.txt', { 'a.txt': '-r \u0024{FOLDER}/b.txt' }],
    ['pip install -r a.txt', { 'a.txt': '--req b.txt', 'b.txt': '' }],
    ['pip install -r ../a.txt', { 'a.txt': '' }],
    ['pip install -r /a.txt', { 'a.txt': '' }],
    ['pip install -r link/../a.txt', { 'a.txt': '' }],
    ['uv sync --frozen', { 'pyproject.toml': '', 'uv.lock': '[[package' }],
    ['uv sync --frozen', { 'pyproject.toml': 'tool = 1 2', 'uv.lock': lock('virtual = "."') }],
    // The current folder is the first place in which `python -m` looks.
    ['python -m pip install sqlmesh', { 'json.py': '' }],
    ['python3 -m pip install sqlmesh', { 'logging/__init__.py': '' }],
  ])('%s, %j', async (command, files) => {
    expect(await reads(command, files)).toMatch(/^anything: ./)
  })

  test.each([
    ['PIP_CONSTRAINT', 'pins.txt'],
    ['PIP_CONFIG_FILE', 'ci/pip.conf'],
    ['PIP_INDEX_URL', './wheels'],
    ['PIP_FIND_LINKS', '/opt/wheels wheels'],
    ['UV_CONSTRAINT', 'pins.txt'],
    ['UV_PYTHON', './python'],
    ['PYTHONPATH', '.'],
    ['XDG_CONFIG_HOME', 'ci'],
  ])('because of the variable %s=%s', async (name, value) => {
    const found = await reads('pip install sqlmesh', {}, { [name]: value })
    expect(found).toBe(`anything: the variable ${name} is set`)
  })
})
