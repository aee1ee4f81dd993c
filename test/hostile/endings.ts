import { LONG } from '../helpers/long.ts'
import { changedQueries, type Files, project, projectFolder } from '../helpers/project.ts'
import { COMMANDS } from '../helpers/runnerCommands.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { type Case, first, forged, late } from './hostileProject.ts'
import type { HostileRun } from './hostileRun.ts'
import { oddManifests } from './oddManifests.ts'

const PIPES = 'pipes = [n for n in range(3, 64) if os.path.exists(f"/proc/self/fd/{n}")]'
const each = (code: string) => `
${PIPES}
for pipe in pipes:
    try:
        ${code}
    except OSError:
        pass
`

const endings: Case[] = [
  ['T14 ends with 0 at once', 'os._exit(0)', 'protocol', /without an answer/],
  ['T14 ends by sys.exit(0)', 'sys.exit(0)', 'load-failed', /exit code 0/],
  ['T14 ends with 1', 'os._exit(1)', 'load-failed', /exit code 1/],
  ['T14 kills itself', 'os.kill(os.getpid(), 9)', 'load-failed', /SIGKILL/],
  ['T14 crashes', 'ctypes.string_at(0)', 'load-failed', /SIGSEGV/],
  ['T14 aborts', 'os.abort()', 'load-failed', /SIGABRT/],
  ['T14 becomes another program', 'os.execv("/bin/true", ["true"])', 'protocol', /without an/],
  ['T14 kills its group', 'os.killpg(0, 9)', 'load-failed', /SIGKILL|exit code/],
  ['T14 kills everybody', 'os.kill(-1, 9); os._exit(0)', 'load-failed', /No such process/],
  [
    'T14 changes its end',
    'import atexit\natexit.register(lambda: os.write(1, b"::set-output name=x::HOSTILE-COMMAND"))',
    null,
    /^/,
  ],
].map(([name, code, error, says]) => ({
  name: name as string,
  head: first(code as string),
  error: error as string | null,
  says: says as RegExp,
}))

const document = `b'{"protocol":1,"nonce":"x","ok":true,"manifest":{}}'`

const answers: Case[] = [
  {
    name: 'T13 writes an answer of its own to whatever is open, and ends',
    head: first(`${each(`os.write(pipe, ${document})`)}\nos._exit(0)`),
    error: 'protocol',
  },
  {
    name: 'T13 writes something before the answer',
    head: first(each('os.write(pipe, b"{}")')),
    error: 'protocol',
    says: /not one JSON document/,
  },
  {
    name: 'T13 writes more than can be an answer',
    head: first(each('while True: os.write(pipe, b" " * 1000000)')),
    error: 'protocol',
    says: /more than/,
  },
  {
    name: 'T13 leaves somebody behind who answers later',
    head: first(`
if os.fork() == 0:
    os.setsid()
    time.sleep(1)
    ${PIPES}
    for pipe in pipes:
        os.write(pipe, ${document})
    os._exit(0)
os._exit(0)`),
    error: 'protocol',
    // Without a room of its own it can answer, which is no answer.
    says: /without an answer|of the wrong shape/,
  },
  ...(
    [
      ['nothing in it', '{}'],
      ['no manifest', '{**envelope, "manifest": None}'],
      ['one key too many', '{**envelope, "extra": 1}'],
      ['another protocol', '{**envelope, "protocol": 2}'],
      ['another nonce', '{**envelope, "nonce": "x"}'],
      ['a prototype', '{**envelope, "__proto__": {"ok": True}}'],
      ['what JSON has not', '{**envelope, "manifest": float("nan")}'],
      ['a file elsewhere', FAILURE('"../../etc/passwd"')],
      ['a code of its own', FAILURE('None, "code": "synced"')],
    ] as const
  ).map(([what, expression]) => ({
    name: `T13 answers with ${what}`,
    head: forged(expression),
    error: 'protocol',
  })),
  {
    name: 'T55 answers ten thousand levels deep',
    head: first(`
dumps = json.dumps
deep = "[" * 100000 + "]" * 100000
json.dumps = lambda value, **o: '{"manifest":' + deep + "}" if "nonce" in value else dumps(value, **o)
`),
    error: 'protocol',
  },
  {
    name: 'T13 fills the pipe for progress',
    head: first(each('[os.write(pipe, b"=9;+" * 10000) for _ in range(100)] if pipe == 6 else 0')),
    error: null,
  },
]

function FAILURE(file: string): string {
  return `{"protocol": 1, "nonce": envelope["nonce"], "ok": False, "error": {"code": "config", "message": "x", "hint": None, "file": ${file}}}`
}

/** Every command in both grammars, as lines that end and begin in every way. */
const everyCommand = COMMANDS.flatMap((name) => [
  `::${name} name=x::HOSTILE-COMMAND`,
  `\\t  ::${name}::HOSTILE-COMMAND`,
  `loading ##[${name} name=x]HOSTILE-COMMAND`,
])
const lines = `lines = ${JSON.stringify(everyCommand).replaceAll('\\\\t', '\\t')}`

const printed: Case[] = [
  {
    name: 'T05 T06 prints all 16 commands in both grammars on both streams',
    head: first(`
${lines}
for stream in (sys.stdout, sys.stderr):
    for end in ("\\n", "\\r\\n", "\\r", "\\n \\t "):
        stream.write(end.join(["", *lines, ""]))
    stream.flush()
raise RuntimeError("x")`),
    error: 'load-failed',
  },
  {
    name: 'T07 prints commands byte by byte, on both streams in turn',
    head: first(`
for character in "\\n::set-output name=x::HOSTILE-COMMAND\\n##[set-env name=x]HOSTILE-COMMAND\\n":
    for stream in (1, 2):
        os.write(stream, character.encode())
os._exit(1)`),
    error: 'load-failed',
  },
  {
    name: 'T05 T54 raises commands as an error',
    head: first(`
${lines}
raise RuntimeError("x\\n" + "\\n".join(lines) + "\\r" + "\\r".join(lines))`),
    error: 'load-failed',
  },
  {
    name: 'T08 guesses the token that stops commands',
    head: first(`
import uuid
print("\\n".join(f"::{uuid.uuid4()}::\\n::set-output name=x::HOSTILE-COMMAND" for _ in range(400)))
raise RuntimeError("x")`),
    error: 'load-failed',
  },
  {
    name: 'T11 masks what others print',
    head: first('print("::add-mask::0\\n::add-mask::true\\n##[add-mask]synced")\nos._exit(1)'),
    error: 'load-failed',
  },
  {
    name: 'T56 prints 200 megabytes',
    head: first(
      'for _ in range(200):\n    os.write(1, b"x" * 500000)\n    os.write(2, b"y" * 500000)',
    ),
    error: null,
  },
]

const SHADOWS = [
  ...['sqlmesh', 'json', 'site', 'sitecustomize', 'usercustomize', 'conftest', 'typing', 'io'],
  ...['unsynced', 'manifest', 'protocol', 'load', 'narrow', 'sandbox', 'filesystem', 'syscalls'],
]

const others: Case[] = [
  {
    name: 'T19 modules that are called like others',
    head: {
      ...changedQueries,
      ...Object.fromEntries(
        ['', `${projectFolder}/`].flatMap((folder) =>
          SHADOWS.map((name) => [`${folder}${name}.py`, 'import os\nos._exit(0)\n']),
        ),
      ),
    },
    error: null,
  },
  {
    name: 'T19 a folder that is called like a package',
    head: { ...changedQueries, 'sqlmesh/__init__.py': 'import os\nos._exit(0)\n' },
    error: null,
  },
  {
    name: 'T16 takes away what it had loaded',
    head: late('shutil.rmtree(kept)'),
    error: 'load-failed',
    says: /has removed what it had loaded/,
  },
  {
    name: 'T16 puts a link to everything in the place of what it had loaded',
    head: late('shutil.rmtree(kept); os.symlink("/", kept)'),
    error: null,
    spoils: true,
  },
  {
    name: 'T16 leaves models that do something when they are read',
    head: late(`
        import pickle
        class Bad:
            def __reduce__(self):
                return os.system, ("env; cat /proc/*/environ; echo ::set-output name=x::HOSTILE-COMMAND",)
        for name in os.listdir(kept):
            open(os.path.join(kept, name), "wb").write(pickle.dumps(Bad()))`),
    error: null,
    spoils: true,
  },
  {
    name: 'T16 T18 a Python in the place where one is looked for',
    inputs: { python: '' },
    head: {
      ...changedQueries,
      '.venv/bin/python': `#!/bin/sh
case "$*" in *find_spec*) echo $0; echo 3 12; echo True; exit;; esac
env; cat /proc/*/environ; find / -name 'set_output_*' 2>/dev/null
`,
      '.venv/pyvenv.cfg': 'home = /root\n',
    },
    error: 'load-failed',
  },
  {
    name: 'T56 takes processes until there are none, and leaves them',
    head: first(`
count = 0
try:
    while count < 3000:
        if os.fork() == 0:
            os.setsid()
            signal.pause()
        count += 1
except OSError as error:
    raise RuntimeError(f"no more: {error}")
raise RuntimeError("there is no end")`),
    error: 'load-failed',
    says: /no more/,
  },
  {
    name: 'T56 does not end, whatever it is told',
    inputs: { timeout: '15' },
    head: first(`
for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
while True:
    time.sleep(1)`),
    error: 'timeout',
  },
  {
    name: 'T30 a fork that names a secret',
    fork: true,
    inputs: { env: 'SNOWFLAKE_PASSWORD' },
    head: first('raise RuntimeError(repr(os.environ["SNOWFLAKE_PASSWORD"]))'),
    error: 'load-failed',
    says: /: ''$/,
  },
  {
    name: 'T30 an error that shows a secret which it was given',
    inputs: { env: 'SNOWFLAKE_PASSWORD' },
    head: first('raise RuntimeError("cannot log in with " + os.environ.pop("SNOWFLAKE_PASSWORD"))'),
    error: 'load-failed',
    says: /cannot log in with \*\*\*/,
  },
]

/** What differs little from another case takes no run of its own but with UNSYNCED_LONG=1. */
const LONG_ONLY = [
  ...['T14 ends with 1', 'T14 aborts', 'T14 kills its group', 'T13 answers with no manifest'],
  ...['T13 answers with another protocol', 'T13 answers with what JSON has not'],
  ...['T13 answers with another nonce', 'T19 a folder that is called like a package'],
  ...['T13 answers with one key too many', 'T13 answers with a prototype', 'T14 changes its end'],
  ...['T13 answers with a code of its own', 'T14 ends by sys.exit(0)', 'T14 crashes'],
  'T13 writes something before the answer',
]

const all = [...endings, ...answers, ...oddManifests, ...printed, ...others]
const longOnly = new Set([...LONG_ONLY, ...oddManifests.map(({ name }) => name)])

export const cases: readonly Case[] = all.filter(({ name }) => LONG || !longOnly.has(name))

/** A pull request whose installation does this; base's makes an environment. */
export function installing(command: string): Pick<HostileRun, 'base' | 'inputs'> & { head: Files } {
  const python = sqlmeshPython
  const base = `mkdir -p .venv/bin
printf '#!/bin/sh\\nexec "${python}" "$@"\\n' > .venv/bin/python
chmod +x .venv/bin/python
`
  return {
    base: { ...project, 'install.sh': base },
    head: { ...changedQueries, 'install.sh': command },
    inputs: { python: '', install: 'sh install.sh' },
  }
}
