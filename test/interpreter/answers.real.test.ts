import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { answerOf } from '../../src/interpreter/answerEnvelope.ts'
import { askPython } from '../../src/interpreter/askProcess.ts'
import { asking } from '../helpers/asking.ts'
import { exists, temporaryFolder } from '../helpers/temporary.ts'

/* Only one whole document with this question's nonce, from a script that then ends well, is an answer. */

const schema = answerOf({ said: z.string() })

async function ask(script: string, folder: string, timeoutSeconds = 20) {
  const start = await asking(`${SETTING}${script}`, folder)
  const question = { side: 'head', what: 'Asking', request: { word: 'yes' } } as const
  return await askPython({ ...start, timeoutSeconds }, question, schema, { onPrinted: () => {} })
}

const SETTING = `import json, os, subprocess, sys, threading, time
request = json.loads(sys.stdin.readline())
pipe = os.fdopen(3, "w")
good = {"protocol": 1, "nonce": request["nonce"], "ok": True, "said": request["word"]}

def write(document):
    json.dump(document, pipe)
    pipe.flush()

`

test('an answer', async () => {
  await using folder = await temporaryFolder()
  expect(await ask('write(good)', folder.path)).toMatchObject({ said: 'yes' })
})

test.each([
  ['none', '', 'protocol', /ended without an answer/],
  ['none, and it ends as if all were well', 'os._exit(0)', 'protocol', /without an answer/],
  ['another nonce', 'write({**good, "nonce": "0" * 36})', 'protocol', /another question/],
  ['no nonce', 'del good["nonce"]; write(good)', 'protocol', /wrong shape/],
  ['two', 'write(good); write(good)', 'protocol', /not one JSON document/],
  [
    'a forged one, then its own',
    'write({**good, "said": "no"}); write(good)',
    'protocol',
    /not one/,
  ],
  ['half of one', 'pipe.write(json.dumps(good)[:-4]); pipe.flush()', 'protocol', /not one JSON/],
  ['one with more in it', 'write({**good, "more": 1})', 'protocol', /wrong shape/],
  ['one with less in it', 'del good["said"]; write(good)', 'protocol', /wrong shape/],
  ['one of another version', 'write({**good, "protocol": 2})', 'protocol', /wrong shape/],
  ['one on standard output', 'json.dump(good, sys.stdout)', 'protocol', /without an answer/],
  ['a whole one, but it fails', 'write(good); sys.exit(3)', 'load-failed', /exit code 3/],
  [
    'a whole one, but it is killed',
    'write(good); os.kill(os.getpid(), 9)',
    'load-failed',
    /SIGKILL/,
  ],
  ['a whole one, but it crashes', 'write(good); os.abort()', 'load-failed', /SIGABRT/],
] as const)('%s', async (_, script, code, message) => {
  await using folder = await temporaryFolder()
  await expect(ask(script, folder.path)).rejects.toMatchObject({
    ...{ code, side: 'head', message: expect.stringMatching(message), hint: expect.any(String) },
  })
})

test('more than can be meant', async () => {
  await using folder = await temporaryFolder()
  const script = 'block = "x" * (1 << 24)\nwhile True: pipe.write(block)'
  await expect(ask(script, folder.path)).rejects.toMatchObject({
    code: 'protocol',
    message: expect.stringMatching(/more than \d+ bytes/),
    hint: expect.stringContaining('`project`'),
  })
})

test('too late, also where it takes no hint', async () => {
  await using folder = await temporaryFolder()
  const script = `import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(4); open('after', 'w')"])
time.sleep(60)
`
  await expect(ask(script, folder.path, 1)).rejects.toMatchObject({ code: 'timeout', side: 'head' })
  await sleep(4500)
  expect(await exists(join(folder.path, 'after'))).toBe(false)
})

test('what it leaves running is ended with it', async () => {
  await using folder = await temporaryFolder()
  const script = `write(good)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(2); open('after', 'w')"])
`
  expect(await ask(script, folder.path)).toMatchObject({ said: 'yes' })
  await sleep(2500)
  expect(await exists(join(folder.path, 'after'))).toBe(false)
})
