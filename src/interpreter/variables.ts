import path from 'node:path'

/**
 * Variables of the runner that a Python process needs to start and to talk in the user's language.
 * A self-hosted runner's Python finds its own library by LD_LIBRARY_PATH (actions/setup-python#871).
 */
const PASSED_ON =
  /^(PATH|LD_LIBRARY_PATH|LANG|LANGUAGE|LC_[A-Z]+|TZ|VIRTUAL_ENV|SYSTEMROOT|TMPDIR|TEMP|TMP)$/

/**
 * Those of the variables. Programs also look where an empty or relative entry of a search path leads from
 * the folder that they are in, which is the pull request's.
 */
export function passedOn(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(inherited).filter(([name]) => PASSED_ON.test(name))
  return Object.fromEntries(
    entries.map(([name, value = '']) => [name, isSearchPath(name) ? absoluteOnly(value) : value]),
  )
}

function isSearchPath(name: string): boolean {
  return name === 'PATH' || name === 'LD_LIBRARY_PATH'
}

function absoluteOnly(value: string): string {
  return value.split(path.delimiter).filter(path.isAbsolute).join(path.delimiter)
}

/** The way to the network, and certificates to trust on it. */
const NETWORK =
  /^((HTTP|HTTPS|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|NODE_EXTRA_CA_CERTS)$/i

/** Settings of installers; not where they put what later runs would find. */
const INSTALLERS = /^(PIP|UV|POETRY|PIPENV|PDM|PYENV)_(?!.*(CACHE|HOME|TARGET|PREFIX|_DIR$))/

/** These would lead an installer away from the environment that it is to fill. */
const STEERING =
  /^(UV_SYSTEM_PYTHON|UV_BREAK_SYSTEM_PACKAGES|UV_PROJECT|UV_WORKING_DIRECTORY|PIP_(USER|PYTHON|ROOT)|POETRY_VIRTUALENVS_.*|PIPENV_(PIPFILE|IGNORE_VIRTUALENVS|VENV_IN_PROJECT))$/

/** Settings of pip, uv and Poetry that cannot name a file of the commit, and where addresses count by their value. */
const NAMES_NO_FILE =
  /^(PIP_(DEFAULT_TIMEOUT|TIMEOUT|RETRIES|NO_CACHE_DIR|CACHE_DIR|DISABLE_PIP_VERSION_CHECK|NO_INPUT|NO_COLOR|PROGRESS_BAR|ROOT_USER_ACTION|PREFER_BINARY|ONLY_BINARY|NO_BINARY|REQUIRE_VIRTUALENV|TRUSTED_HOST|QUIET|VERBOSE)|UV_(CACHE_DIR|NO_CACHE|LINK_MODE|HTTP_TIMEOUT|REQUEST_TIMEOUT|HTTP_RETRIES|NO_PROGRESS|COMPILE_BYTECODE|FROZEN|PYTHON_PREFERENCE|PYTHON_DOWNLOADS|PYTHON_INSTALL_DIR|TOOL_DIR|TOOL_BIN_DIR|CONCURRENT_\w+|NATIVE_TLS|SYSTEM_CERTS|KEYRING_PROVIDER|INSECURE_HOST|INDEX_STRATEGY|INDEX_\w+_(USERNAME|PASSWORD)|NO_MODIFY_PATH)|POETRY_(CACHE_DIR|HTTP_BASIC_\w+|PYPI_TOKEN_\w+|REQUESTS_\w+|INSTALLER_\w+))$/
/** These name places, which are the same for both commits unless they are relative. */
const PLACES =
  /^(PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|CERT|CLIENT_CERT)|UV_(INDEX|DEFAULT_INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|PYTHON))$/
/** Also `NAME=https://…`, as of UV_INDEX; UV_PYTHON can be a version. */
const NO_FILE_OF_COMMIT = /^((\w+=)?https?:\/\/|file:\/\/\/|\/|[\d.]+$)/i
/** What lets an installer, or its Python, read other files than its command says. */
const MAY_NAME_FILES = /^(PIP|UV|POETRY|PIPENV|PDM|PYTHON|XDG|SETUPTOOLS|VIRTUALENV|CDPATH)/

/** The first variable with which an installer may read other files than its command says; null if there is none. */
export function leadsInstallersAstray(
  inherited: NodeJS.ProcessEnv,
  names: readonly string[],
): string | null {
  const passed = Object.entries(inherited).filter(
    ([name, value]) => names.includes(name) || (isUsual(name) && !isSecret(name, value)),
  )
  const astray = passed.find(([name, value = '']) => {
    if (!MAY_NAME_FILES.test(name) || value === '') return false
    if (!PLACES.test(name)) return !NAMES_NO_FILE.test(name)
    return value.split(/[\s,]+/).some((place) => place !== '' && !NO_FILE_OF_COMMIT.test(place))
  })
  return astray?.[0] ?? null
}

const SECRET = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|USERNAME|HTTP_BASIC|_KEY$/i
/** An address such as https://user:token@index.example/simple. */
const WITH_CREDENTIALS = /:\/\/[^/\s@]+@/

/** Where one environment is made. Everything in it goes away with the check. */
export type EnvironmentPlace = {
  /** Holds what belongs to this environment alone, and nothing else. */
  readonly own: string
  /** The same of the other commit's. */
  readonly other: string
  /** In `own`: becomes a virtual environment. */
  readonly venv: string
  /** In `own`, for temporary files: wheels can be larger than the memory. */
  readonly tmp: string
  /** Stands for the user's home. */
  readonly home: string
  /** Caches of the installers, used by this check alone. */
  readonly cache: string
}

/**
 * Variables of an install command: what the input `env` names, what installers need to reach a
 * package index, and none of the runner's tokens and settings. An address with credentials in it is
 * only passed on when its variable is named.
 *
 * Caches are private unless named: a pull request's code could leave something in a shared one that a
 * later, trusted run would install.
 */
export function installEnvironment(
  inherited: NodeJS.ProcessEnv,
  names: readonly string[],
  place: EnvironmentPlace,
): NodeJS.ProcessEnv {
  const entries = Object.entries(inherited)
  const usual = entries.filter(([name, value]) => isUsual(name) && !isSecret(name, value))
  const common = passedOn(inherited)
  const named = entries.filter(([name]) => names.includes(name))
  return {
    PIP_CACHE_DIR: path.join(place.cache, 'pip'),
    UV_CACHE_DIR: path.join(place.cache, 'uv'),
    POETRY_CACHE_DIR: path.join(place.cache, 'poetry'),
    PIPENV_CACHE_DIR: path.join(place.cache, 'pipenv'),
    XDG_CACHE_HOME: place.cache,
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    // Compiling all that it installs takes pip as long as the rest; what a load imports is a small part of it.
    PIP_COMPILE: '0',
    POETRY_NO_INTERACTION: '1',
    PIPENV_NOSPIN: '1',
    NO_COLOR: '1',
    ...Object.fromEntries(usual),
    ...Object.fromEntries(named),
    ...common,
    HOME: place.home,
    GIT_TERMINAL_PROMPT: '0',
    PYTHONUTF8: '1',
    // Each tool has its own way to be told where; none of them may use the runner's environment.
    ...activated(common['PATH'], place.venv),
    UV_PROJECT_ENVIRONMENT: place.venv,
    POETRY_VIRTUALENVS_IN_PROJECT: 'true',
  }
}

/** Names of variables that an installer might have wanted, kept back because of their credentials. */
export function keptBack(inherited: NodeJS.ProcessEnv, names: readonly string[]): string[] {
  return Object.entries(inherited)
    .filter(([name, value]) => isUsual(name) && isSecret(name, value) && !names.includes(name))
    .map(([name]) => name)
    .sort()
}

/** What `source venv/bin/activate` sets. */
export function activated(searchPath: string | undefined, venv: string): NodeJS.ProcessEnv {
  const bin = path.join(venv, 'bin')
  return { VIRTUAL_ENV: venv, PATH: searchPath ? `${bin}${path.delimiter}${searchPath}` : bin }
}

function isUsual(name: string): boolean {
  if (STEERING.test(name)) return false
  return NETWORK.test(name) || INSTALLERS.test(name)
}

function isSecret(name: string, value = ''): boolean {
  return SECRET.test(name) || WITH_CREDENTIALS.test(value)
}
