import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { root } from '../helpers/actionFile.ts'
import { commandFileNames } from '../helpers/runner.ts'
import { writeFiles } from '../helpers/writeFiles.ts'

/** Secrets that a job has in its environment, beside the runner's own. */
const VARIABLES = [
  ...['ACTIONS_RUNTIME_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'ACTIONS_CACHE_TOKEN'],
  ...['GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_PAT', 'STATE_session', 'INPUT_SECRET'],
  ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AZURE_CLIENT_SECRET'],
  ...['GCP_KEY', 'SNOWFLAKE_PASSWORD', 'DATABASE_URL', 'PGPASSWORD', 'DATABRICKS_TOKEN'],
  ...['NPM_TOKEN', 'TWINE_PASSWORD', 'DOCKER_PASSWORD', 'SLACK_WEBHOOK'],
]

/** Files that hold credentials, where they usually are on a runner. */
const FILES = [
  'home/.ssh/id_ed25519',
  'home/.aws/credentials',
  'home/.config/gcloud/application_default_credentials.json',
  'home/.config/gh/hosts.yml',
  'home/.docker/config.json',
  'home/.netrc',
  'home/.git-credentials',
  'home/.gitconfig',
  'home/.azure/msal_token_cache.json',
  'home/.kube/config',
  'home/.pypirc',
  'home/.dbt/profiles.yml',
  'home/.bash_history',
  'home/.local/share/keyrings/login.keyring',
  '_temp/git-credentials-0a1b.config',
  '_temp/_github_workflow/event.json',
  'keys/gha-creds-0a1b.json',
  '.credentials',
  '.credentials_rsaparams',
]

/** The same of repositories that a job checks out beside, or into, its own. */
const CHECKOUTS = ['one', 'vendor/two', 'vendor/deep/down/three'].flatMap((folder) => [
  `${folder}/.git/config`,
  `${folder}/.git/modules/sub/config`,
])

/** A runner's machine full of secrets that no project may see, and of ears that nothing may reach. */
export type Machine = AsyncDisposable & {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** Files with secrets that belong into its workspace, which is not there yet. */
  readonly checkouts: Readonly<Record<string, string>>
  /** Every secret's text. */
  readonly canaries: readonly string[]
  /** What the attempts are told of it. */
  readonly where: Readonly<Record<string, unknown>>
  /** Written to by what outlives a load, if it is able to. */
  readonly late: string
  /** What was heard on its network and sockets. */
  readonly heard: readonly string[]
}

export async function hostileMachine(): Promise<Machine> {
  // Not in /tmp, which is hidden as a whole.
  await mkdir(join(root, '.cache'), { recursive: true })
  const folder = await realpath(await mkdtemp(join(root, '.cache', 'hostile-')))
  const canary = () => `canary${randomBytes(12).toString('hex')}`
  const heard: string[] = []
  const variables = VARIABLES.map((name) => [name, canary()] as const)
  const index = canary()
  const files = FILES.map((file) => [file, canary()] as const)
  const checkouts = CHECKOUTS.map((file) => [file, canary()] as const)
  const texts = files.map(([file, text]) => [file, `[core]\n\tkey = ${text}\n`])
  await writeFiles(folder, Object.fromEntries(texts))
  const listening = await ears(folder, heard, canary())
  const late = join(folder, 'late')
  await writeFile(late, '')
  return {
    folder,
    late,
    heard,
    checkouts: Object.fromEntries(checkouts),
    canaries: [index, ...[...variables, ...files, ...checkouts].map(([, text]) => text)],
    env: {
      ...Object.fromEntries(variables),
      PIP_EXTRA_INDEX_URL: `https://somebody:${index}@index.example/simple`,
      GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'keys/gha-creds-0a1b.json'),
      SSH_AUTH_SOCK: listening.sockets['ssh-agent'],
      DOCKER_HOST: `unix://${listening.sockets['docker']}`,
    },
    where: {
      machine: folder,
      home: join(folder, 'home'),
      temporary: join(folder, '_temp'),
      event: join(folder, 'event.json'),
      commands: commandFileNames(folder),
      files: FILES,
      late,
      workspace: join(folder, 'workspace'),
      ...listening.told,
    },
    async [Symbol.asyncDispose]() {
      listening.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

type Ears = {
  readonly sockets: Readonly<Record<'ssh-agent' | 'docker', string>>
  readonly told: object
  readonly close: () => void
}

/** Whoever connects is heard, and gets a secret. */
async function ears(folder: string, heard: string[], secret: string): Promise<Ears> {
  const sockets = {
    'ssh-agent': join(folder, 'agent.sock'),
    docker: join(folder, 'docker.sock'),
    abstract: `\0${folder}`,
  }
  const greet = (name: string) => (socket: Socket) => {
    heard.push(name)
    socket.on('error', () => {})
    socket.end(secret)
  }
  const servers = Object.entries(sockets).map(([name, path]) => listen(greet(name), path))
  const tcp = await listen(greet('tcp'), 0)
  const { port } = tcp.address() as { port: number }
  const udp = createSocket('udp4', () => heard.push('udp')).bind(port, '127.0.0.1')
  const all = [tcp, ...(await Promise.all(servers))]
  return {
    sockets,
    told: { sockets, port },
    close: () => {
      for (const server of all) server.close()
      udp.close()
    },
  }
}

async function listen(greet: (socket: Socket) => void, place: string | number): Promise<Server> {
  const server = createServer(greet)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    if (typeof place === 'string') server.listen(place, resolve)
    else server.listen(place, '127.0.0.1', resolve)
  })
  return server
}
