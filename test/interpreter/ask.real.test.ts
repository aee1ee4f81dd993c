import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { answerOf } from '../../src/interpreter/answerEnvelope.ts'
import {
  askPython,
  type Listener,
  type ProcessStart,
  type Progress,
  startScript,
} from '../../src/interpreter/askProcess.ts'
import { root } from '../helpers/actionFile.ts'
import { asking } from '../helpers/asking.ts'
import { exists, temporaryFolder } from '../helpers/temporary.ts'

const schema = answerOf({ said: z.string() })
const nobody: Listener = { onPrinted: () => {} }

const HEADER = `import json, os, sys, time
def listen():
    line = sys.stdin.readline()
    return json.loads(line) if line else os._exit(0)
def say(request, said, end="\\n"):
    answer = {"protocol": 1, "nonce": request["nonce"], "ok": True, "said": said}
    os.write(3, (json.dumps(answer) + end).encode())
`
const ECHO = `
while True:
    request = listen()
    say(request, request["word"])
`

async function started(script: string, folder: string, more: Partial<ProcessStart> = {}) {
  return startScript({ ...(await asking(HEADER + script, folder)), ...more })
}

const asked = (word: string) => ({ side: 'head', what: 'Asking', request: { word } }) as const

async function until(path: string): Promise<void> {
  while (!(await exists(path))) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('a script can prepare itself before it is asked', async () => {
  await using folder = await temporaryFolder()
  await using script = await started(`open("ready", "w").close()\n${ECHO}`, folder.path)
  await until(join(folder.path, 'ready'))

  expect(await script.ask(asked('hello'), schema, nobody)).toMatchObject({ said: 'hello' })
})

test('a script answers one question after the other', async () => {
  await using folder = await temporaryFolder()
  await using script = await started(ECHO, folder.path)

  for (const word of ['one', 'two', 'three']) {
    expect(await script.ask(asked(word), schema, nobody)).toMatchObject({ said: word })
  }
})

test('a Python that cannot be started is named, with what to do about it', async () => {
  await using folder = await temporaryFolder()
  const python = join(folder.path, 'nowhere', 'python')
  await using script = await started(ECHO, folder.path, { python })

  await expect(script.ask(asked('hello'), schema, nobody)).rejects.toMatchObject({
    code: 'environment',
    message: expect.stringContaining(`${python} could not be started`),
    hint: expect.stringContaining(`\`${python} --version\``),
  })
})

test('what was answered before the question is no answer to it', async () => {
  await using folder = await temporaryFolder()
  const twice = `
request = listen()
say(request, "first", end='\\n{"protocol": 1, "nonce": "", "ok": true, "said": "forged"}\\n')
say(listen(), "second")
time.sleep(60)`
  await using script = await started(twice, folder.path)
  expect(await script.ask(asked(''), schema, nobody)).toMatchObject({ said: 'first' })

  await expect(script.ask(asked(''), schema, nobody)).rejects.toMatchObject({
    code: 'protocol',
    message: 'Asking gave an answer to another question.',
  })
})

const APART = `import os, signal, sys, threading
sys.path.insert(0, ${JSON.stringify(join(root, 'python'))})
from unsynced.protocol import answer

seen = []

def said(request):
    print(request["word"], flush=True)
    seen.append(request["word"])
    exec(request.get("first", ""))
    return " ".join(seen)

answer({"said": said})
`

test('a question that is answered apart leaves nothing behind', async () => {
  await using folder = await temporaryFolder()
  await using script = startScript(await asking(APART, folder.path))
  const answerTo = async (word: string, apart: boolean) => {
    const request = { question: 'said', tree: '/tree', word, apart }
    const question = { side: 'head', what: 'Asking', request } as const
    return (await script.ask(question, schema, nobody)).said
  }

  expect(await answerTo('one', true)).toBe('one')
  expect(await answerTo('two', false)).toBe('two')
  expect(await answerTo('three', true)).toBe('two three')
  expect(await answerTo('four', false)).toBe('two four')
})

test.each([
  ['os._exit(0)', 'protocol', 'Asking ended without an answer.'],
  ['os._exit(3)', 'load-failed', 'Asking ended early with exit code 3.'],
  ['os.kill(os.getpid(), 9)', 'load-failed', 'Asking ended early with signal SIGKILL.'],
  ['raise GeneratorExit', 'load-failed', 'Asking ended early with exit code 1.'],
  ['raise ValueError("oh")', 'load-failed', 'ValueError: oh'],
  ['os.fork() or signal.pause(); os._exit(3)', 'load-failed', /exit code 3/],
])('apart or not, %s is an error that says so, with what was printed to it', async (...row) => {
  const [first, code, message] = row
  for (const apart of [true, false]) {
    await using folder = await temporaryFolder()
    await using script = startScript(await asking(APART, folder.path))
    const ask = async (word: string, first = '') => {
      let printed = ''
      const request = { question: 'said', tree: '/tree', word, apart, first }
      const onPrinted: Listener['onPrinted'] = ({ stdout }) => {
        printed = stdout
      }
      const asking = script.ask({ side: 'head', what: 'Asking', request }, schema, { onPrinted })
      return [await asking.catch((error) => error), printed] as const
    }

    expect((await ask('one'))[0]).toMatchObject({ said: 'one' })
    const [failure, printed] = await ask('two', first)

    expect(failure).toMatchObject({ code })
    expect(failure.message).toMatch(message)
    expect(printed).toBe('two\n')
  }
})

test('a script that has answered and ends is asked in vain', async () => {
  await using folder = await temporaryFolder()
  await using script = await started('say(listen(), "once")\nsys.exit(3)', folder.path)
  await script.ask(asked(''), schema, nobody)

  await expect(script.ask(asked(''), schema, nobody)).rejects.toMatchObject({
    code: 'load-failed',
    message: 'Asking ended early with exit code 3.',
  })
})

test('the time before a question does not count', async () => {
  await using folder = await temporaryFolder()
  await using script = await started(ECHO, folder.path, { timeoutSeconds: 1 })
  for (const word of ['late', 'later']) {
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(await script.ask(asked(word), schema, nobody)).toMatchObject({ said: word })
  }
})

test('a script that is never asked is ended', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'pid')
  const waits = 'open("new", "w").write(str(os.getpid()))\nos.rename("new", "pid")\ntime.sleep(60)'
  const script = await started(waits, folder.path)
  await until(file)
  const pid = Number(await readFile(file, 'utf8'))

  await script[Symbol.asyncDispose]()

  expect(isRunning(pid)).toBe(false)
})

test('a script that ends before it is asked is an error at once', async () => {
  await using folder = await temporaryFolder()
  await using script = await started('sys.exit(3)', folder.path)

  await expect(script.ask(asked(''), schema, nobody)).rejects.toMatchObject({
    code: 'load-failed',
    message: 'Asking ended early with exit code 3.',
  })
})

test('what a project was given is in no message, whatever it does to its variables', async () => {
  await using folder = await temporaryFolder()
  const environment = { LOGIN: 'user:secret@host', WORD: 'user', UNNAMED: 'host', SHORT: 'is' }
  const error = `{"code": "load-failed", "message": "at " + login + ", user", "file": None, "hint": "this is " + login}`
  const script = `
login = os.environ.pop("LOGIN")
request = listen()
print("printed", login, flush=True)
answer = {"protocol": 1, "nonce": request["nonce"], "ok": False, "error": ${error}}
os.write(3, (json.dumps(answer) + "\\n").encode())
time.sleep(60)
`
  const printed: string[] = []
  const start = await asking(HEADER + script, folder.path)
  const failing = askPython(
    { ...start, environment, given: ['SHORT', 'WORD', 'LOGIN'] },
    asked(''),
    schema,
    { onPrinted: ({ stdout }) => printed.push(stdout) },
  )

  await expect(failing).rejects.toMatchObject({ message: 'at ***, ***', hint: 'this is ***' })
  expect(printed).toEqual(['printed ***\n'])
})

test('progress is told in whatever pieces it comes, of each question', async () => {
  await using folder = await temporaryFolder()
  const pieces = `
request = listen()
for piece in (b"=1", b"2;+", b"+", b"=3;nonsense=99999999999;++"):
    os.write(4, piece)
    time.sleep(0.05)
say(request, "done")
request = listen()
os.write(4, b"=7;+")
time.sleep(0.05)
say(request, "done")`
  await using script = await started(pieces, folder.path)
  const progressOf = async () => {
    const told: Progress[] = []
    const onProgress = (progress: Progress) => told.push(progress)
    await script.ask(asked(''), schema, { ...nobody, onProgress })
    return told.at(-1)
  }

  expect(await progressOf()).toEqual({ done: 4, total: 15 })
  expect(await progressOf()).toEqual({ done: 1, total: 7 })
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
