import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { keyId } from '../../../src/dagster/assetKeys.ts'
import { type Live, readLive } from '../../../src/dagster/live/readLive.ts'

/*
 * What no Dagster at hand answers: older and newer versions, servers that are none, and bad ones.
 * Each test's server is a real one on loopback.
 */

const TOKEN = 'canaryDagsterToken0000000000000000000'
const KEY = ['warehouse', 'marts', 'orders']

type Question = { readonly query: string; readonly headers: IncomingMessage['headers'] }

/** Asks a server that answers with `respond` about one asset, or so many. */
async function asked(
  respond: (question: Question, response: ServerResponse, index: number) => void,
  options: { assets?: number; token?: string | null; totalMs?: number } = {},
): Promise<Live & { questions: readonly Question[] }> {
  const questions: Question[] = []
  await using server = await listening((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      const { query = '' } = JSON.parse(body || '{}')
      questions.push({ query, headers: request.headers })
      respond({ query, headers: request.headers }, response, questions.length - 1)
    })
  })
  const keys = Array.from({ length: options.assets ?? 1 }, (_, index) =>
    index === 0 ? KEY : ['many', `${index}`],
  )
  const { token = TOKEN, totalMs = 20_000 } = options
  const wanted = keys.map((key) => ({ key, timedByRun: false }))
  const live = await readLive(wanted, { url: server.url, token }, totalMs)
  return { ...live, questions }
}

async function listening(listener: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const send = (response: ServerResponse, body: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const NODE = { assetKey: { path: KEY }, staleStatus: 'STALE', staleCauses: [{ category: 'DATA' }] }

const assets = (more: object = {}, latest: object = {}) => ({
  data: {
    assetNodes: [{ ...NODE, ...more }],
    assetsLatestInfo: [{ assetKey: { path: KEY }, ...latest }],
  },
})

const of = ({ assets }: Live) => assets.get(keyId(KEY))

test('fields that a version lacks are left out, one after the other', async () => {
  const lacking = ['AssetNode.partitionStats', 'Run.status', 'Query.assetsLatestInfo']
  const live = await asked(({ query }, response, index) => {
    const next = lacking[index]
    if (next === undefined) return send(response, { data: { assetNodes: [NODE] } })
    const [type, field = ''] = next.split('.')
    expect(query).toContain(field)
    const message = `Cannot query field '${field}' on type '${type}'. Did you mean 'id'?`
    return send(response, { data: null, errors: [{ message }] }, 400)
  })

  expect(live.trouble).toBeNull()
  expect(of(live)).toMatchObject({ status: 'unsynced', reasons: ['data'], running: false })
  expect(live.questions).toHaveLength(4)
  expect(live.questions.at(-1)?.query).not.toMatch(/partitionStats|status |assetsLatestInfo/)
})

test('what is not as expected is not known, and the rest stands', async () => {
  const odd = {
    opVersion: 7,
    staleCauses: [null, { category: 'NEW' }, { category: 'CODE', more: 1 }],
    partitionStats: 'many',
    surprise: { at: 'all' },
  }
  const latest = {
    latestMaterialization: { runId: '"}', stepKey: {}, timestamp: '1795583974000' },
    inProgressRunIds: [null, 3],
    latestRun: [],
  }
  const live = await asked((_, response) => send(response, assets(odd, latest)))

  expect(live.trouble).toBeNull()
  expect(of(live)).toMatchObject({
    status: 'unsynced',
    reasons: ['code'],
    codeVersion: null,
    running: false,
    lastMaterialization: { at: '2026-11-25T05:19:34.000Z', runId: null, seconds: null },
    partitions: null,
  })
})

test('an asset that was not asked for is not told of', async () => {
  const live = await asked((_, response) =>
    send(response, assets({ assetKey: { path: ['another'] } })),
  )
  expect([...live.assets.keys()]).toEqual([keyId(KEY)])
  expect(of(live)?.status).toBe('absent')
})

test('a status that Dagster may have one day is not known', async () => {
  const live = await asked((_, response) => send(response, assets({ staleStatus: 'ROTTEN' })))
  expect(of(live)).toMatchObject({ status: null, reasons: [] })
})

test('data next to errors is taken', async () => {
  const live = await asked((_, response) =>
    send(response, { ...assets(), errors: [{ message: 'one resolver failed' }] }),
  )
  expect(live.trouble).toBeNull()
  expect(of(live)?.status).toBe('unsynced')
})

test('a server’s error is tried once more', async () => {
  const live = await asked((_, response, index) =>
    index === 0 ? response.writeHead(502).end('Bad Gateway') : send(response, assets()),
  )
  expect(live.trouble).toBeNull()
  expect(live.questions).toHaveLength(2)

  const down = await asked((_, response) => response.writeHead(503).end())
  expect(down.trouble?.answered).toBe('no answer (HTTP 503)')
  expect(down.questions).toHaveLength(2)
})

test('a wrong token is asked with once, and never shown', async () => {
  const live = await asked((_, response) => send(response, {}, 401))
  expect(live.questions.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${TOKEN}`])
  expect(live.trouble).toMatchObject({
    asked: 'the state of 1 asset',
    answered: 'HTTP 401',
    advice: expect.stringContaining('`dagster-token`'),
  })

  const repeating = await asked(({ headers }, response) =>
    send(response, { data: null, errors: [{ message: `no: ${headers.authorization}` }] }, 500),
  )
  expect(repeating.trouble?.answered).toBe('HTTP 500: no: Bearer ***')
})

test('a redirect to another address gets nothing', async () => {
  const seen: IncomingMessage[] = []
  await using other = await listening((request, response) => {
    seen.push(request)
    send(response, assets())
  })
  for (const status of [301, 302, 303, 307, 308]) {
    const live = await asked((_, response) =>
      response.writeHead(status, { location: `${other.url}/graphql` }).end(),
    )
    expect(live.trouble?.answered).toContain(`HTTP ${status}`)
    expect(live.assets.size).toBe(0)
  }
  expect(seen).toEqual([])
})

test('a page that is no GraphQL is told as that', async () => {
  const live = await asked((_, response) => response.end('<html>Sign in</html>'))
  expect(live.trouble?.answered).toBe('HTTP 200 with something else than GraphQL')
})

test('an endless answer is cut off', async () => {
  const live = await asked((_, response) => {
    const chunk = ' '.repeat(1024 * 1024)
    const more = () => {
      if (!response.destroyed) response.write(chunk, () => setImmediate(more))
    }
    response.writeHead(200)
    more()
  })
  expect(live.trouble?.answered).toMatch(/^no answer \(the answer is longer than \d+ bytes\)$/)
})

test('time is up for all questions together', async () => {
  const started = performance.now()
  const live = await asked(
    (_, response, index) => {
      if (index === 0) send(response, assets())
    },
    { assets: 1000, totalMs: 1000 },
  )
  expect(performance.now() - started).toBeLessThan(10_000)
  expect(live.trouble).toMatchObject({
    asked: 'the state of 1000 assets',
    answered: 'no whole answer within 1 s, and only 100 are known',
  })
  expect(live.assets.size).toBe(100)
})

test('an address where nobody answers is a notice', async () => {
  const server = await listening(() => {})
  await server[Symbol.asyncDispose]()
  const live = await readLive([{ key: KEY, timedByRun: false }], { url: server.url, token: null })
  expect(live.trouble?.answered).toMatch(/^no answer \(.*ECONNREFUSED/)
})

test('Dagster+ is not asked without a token', async () => {
  const url = 'https://acme.dagster.cloud/prod'
  const live = await readLive([{ key: KEY, timedByRun: false }], { url, token: null })
  expect(live.trouble?.answered).toContain('`dagster-token` is empty')
})
