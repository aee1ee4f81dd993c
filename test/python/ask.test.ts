import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { answerOf, askPython, type Progress, type Question } from '../../src/python/ask.ts'
import { asking } from '../helpers/asking.ts'
import { exists, temporaryFolder } from '../helpers/temporary.ts'

const schema = z.union([
  z.strictObject({ nonce: z.string(), ok: z.literal(true), said: z.string() }),
  z.never(),
])

const HEADER = 'import json, os, sys, time\n'

async function ask(
  script: string,
  folder: string,
  more: Pick<Question, 'request'> & Partial<Question>,
) {
  return await askPython({ ...(await asking(HEADER + script, folder)), ...more }, schema, () => {})
}

const ANSWER = `
request = json.load(sys.stdin)
with os.fdopen(3, "w") as answer:
    json.dump({"nonce": request["nonce"], "ok": True, "said": request["word"]}, answer)
`

test('a script can prepare itself while its request is only promised', async () => {
  await using folder = await temporaryFolder()
  const ready = join(folder.path, 'ready')
  const request = (async () => {
    while (!(await exists(ready))) await new Promise((resolve) => setTimeout(resolve, 20))
    return { word: 'hello' }
  })()

  const answer = await ask(`open("ready", "w").close()\n${ANSWER}`, folder.path, { request })

  expect(answer.said).toBe('hello')
})

test('the time before the request does not count', async () => {
  await using folder = await temporaryFolder()
  const request = new Promise<{ word: string }>((resolve) => {
    setTimeout(() => resolve({ word: 'late' }), 1500)
  })

  const answer = await ask(ANSWER, folder.path, { request, timeoutSeconds: 1 })

  expect(answer.said).toBe('late')
})

test('a script whose request never comes is ended', async () => {
  await using folder = await temporaryFolder()
  const started = join(folder.path, 'pid')
  const request = (async () => {
    while (!(await exists(started))) await new Promise((resolve) => setTimeout(resolve, 20))
    throw new Error('not needed')
  })()
  const script = 'open("new", "w").write(str(os.getpid()))\nos.rename("new", "pid")\ntime.sleep(60)'

  await expect(ask(script, folder.path, { request })).rejects.toThrow('not needed')

  const pid = Number(await readFile(started, 'utf8'))
  // The signal is sent; the system may take a moment to end the process.
  await expect.poll(() => isRunning(pid)).toBe(false)
})

test('a script that ends before its request comes is an error at once', async () => {
  await using folder = await temporaryFolder()
  const never = new Promise<Record<string, unknown>>(() => {})

  const asked = ask('sys.exit(3)', folder.path, { request: never })

  await expect(asked).rejects.toMatchObject({
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
request = json.load(sys.stdin)
print("printed", login)
with os.fdopen(3, "w") as answer:
    json.dump({"protocol": 1, "nonce": request["nonce"], "ok": False, "error": ${error}}, answer)
`
  const printed: string[] = []
  const asked = askPython(
    {
      ...(await asking(HEADER + script, folder.path)),
      request: {},
      environment,
      given: ['SHORT', 'WORD', 'LOGIN'],
    },
    answerOf({ said: z.string() }),
    ({ stdout }) => printed.push(stdout),
  )

  await expect(asked).rejects.toMatchObject({ message: 'at ***, ***', hint: 'this is ***' })
  expect(printed).toEqual(['printed ***\n'])
})

test('progress is told in whatever pieces it comes', async () => {
  await using folder = await temporaryFolder()
  const told: Progress[] = []
  const script = `
for piece in (b"=1", b"2;+", b"+", b"=3;nonsense=99999999999;++"):
    os.write(4, piece)
    time.sleep(0.05)
${ANSWER}`

  await ask(script, folder.path, {
    request: { word: 'done' },
    onProgress: (progress) => told.push(progress),
  })

  expect(told.at(-1)).toEqual({ done: 4, total: 15 })
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
