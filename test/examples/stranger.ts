import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../helpers/actionFile.ts'
import { pullRequestEvent } from '../helpers/events.ts'
import { git } from '../helpers/git.ts'
import { fakeGitHub } from '../helpers/github.ts'
import { type ProcessResult, runProgram } from '../helpers/process.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { act } from './act.ts'

type Walked = {
  readonly command: string
  readonly seconds: number
  /** What it printed last, without this machine's paths. */
  readonly ending: string
}
type Tried = { readonly name: string; readonly seconds: number }

const TIMEOUT_MS = 20 * 60_000

/** The sample as a repository of one's own, with the workflow, and its pull request's branch. */
const SHOP = `mkdir shop && cd shop && git init --quiet --initial-branch=main
cp -r ../unsynced/examples/warehouse .
mkdir -p .github/workflows
cp ../unsynced/examples/workflows/minimal.yml .github/workflows/unsynced.yml
git add --all && git commit --quiet --message 'Shop warehouse'
git switch --quiet --create pull-request
cp -r ../unsynced/examples/pull-request/. warehouse
(cd warehouse && xargs rm REMOVED < REMOVED)
git add --all && git commit --quiet --message 'Count refunds'
git switch --quiet --detach main && git merge --quiet --no-ff --no-edit pull-request
git log --oneline --graph`

const ACT = `act pull_request --directory shop --workflows shop/.github/workflows/unsynced.yml \\
  --platform ubuntu-latest=-self-hosted --no-skip-checkout --eventpath … --local-repository …`

const log = (line: string) => process.stderr.write(`${line}\n`)

/**
 * Runs one command and keeps how long it took, and the last lines that tell something.
 *
 * @throws when it fails
 */
async function walk(
  folder: string,
  command: string,
  run: () => Promise<ProcessResult>,
  tells = /\S/,
): Promise<Walked> {
  log(command)
  const start = performance.now()
  const { exitCode, stdout, stderr } = await run()
  const seconds = (performance.now() - start) / 1000
  if (exitCode !== 0) throw new Error(`It ended with ${exitCode}:\n${stdout}\n${stderr}`)
  const lines = stdout
    .replaceAll(`${folder}/`, '')
    .replaceAll(/\/\S*\/(?=\.cache\/)/g, '')
    .split('\n')
  return {
    command,
    seconds,
    ending: lines
      .filter((line) => tells.test(line))
      .slice(-8)
      .join('\n'),
  }
}

async function strangersPath(folder: string): Promise<{ steps: Walked[]; comment: string }> {
  const author = { NAME: 'Stranger', EMAIL: 'stranger@example.com' }
  const identity = Object.entries(author).flatMap(([name, value]) => [
    [`GIT_AUTHOR_${name}`, value],
    [`GIT_COMMITTER_${name}`, value],
  ])
  // Under `npm run` the environment has npm's own variables; a stranger's has not.
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_ENV)/.test(name))
  const env = Object.fromEntries([...own, ...identity]) as Record<string, string>
  const shell = (script: string) =>
    runProgram('bash', ['-ec', script], { cwd: folder, env, timeout: TIMEOUT_MS })

  const cloning = 'git clone --quiet https://github.com/OWNER/unsynced'
  const steps = [
    await walk(folder, cloning, () => shell(`git clone --quiet '${root}' unsynced`)),
    await walk(folder, 'cd unsynced && npm run demo', () =>
      shell('cd unsynced && npm run demo 2>&1'),
    ),
    await walk(folder, SHOP, () => shell(SHOP)),
  ]
  await shell('python3 -m venv python')
  await using github = await fakeGitHub({ pullRequest: 1 })
  const python = join(folder, 'python', 'bin')
  const running = () => runInShop(join(folder, 'shop'), python, github)
  steps.push(await walk(folder, ACT, running, STEPS))
  return { steps, comment: github.comments[0]?.body ?? '(no comment)' }
}

/** @param python a new one, as a runner's is: the workflow installs everything into it */
async function runInShop(
  shop: string,
  python: string,
  github: Awaited<ReturnType<typeof fakeGitHub>>,
): Promise<ProcessResult> {
  const [mergeSha, base, head] = (await git(shop, ['rev-parse', 'HEAD', 'HEAD^1', 'HEAD^2'])).split(
    '\n',
  ) as [string, string, string]
  const pullRequest = {
    number: 1,
    base: { ref: 'main', sha: base },
    head: { ref: 'pull-request', sha: head },
    mergeSha,
  }
  github.setPull({ head: { ...pullRequest.head, repository: 4242 }, base: pullRequest.base })
  github.setCommit(mergeSha, [base, head])
  return await act({
    file: join(shop, '.github', 'workflows', 'unsynced.yml'),
    event: pullRequestEvent(pullRequest, { action: 'opened' }),
    folder: shop,
    origin: pathToFileURL(shop).href,
    github,
    env: { STAND_IN_PYTHON: python },
  })
}

/** Runs every workflow as its test does. @throws when one does not do what its test says */
async function tryWorkflows(folder: string): Promise<Tried[]> {
  const files = ['environments', 'events', 'jobs'].map(
    (name) => `test/examples/${name}.e2e.test.ts`,
  )
  const results = join(folder, 'results.json')
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [
    ...files,
    'test/dagster/live/dagster-1.13.e2e.test.ts',
    '--testNamePattern',
    '\\.yml',
  ]
  log(`vitest run ${args.join(' ')}`)
  const { exitCode } = await runProgram(
    process.execPath,
    [vitest, 'run', ...args, '--reporter=json', `--outputFile=${results}`, '--maxWorkers=1'],
    {
      cwd: root,
      env: { ...(process.env as Record<string, string>), UNSYNCED_LONG: '1' },
      timeout: TIMEOUT_MS,
    },
  )
  const { tests, failures } = readResults(readFileSync(results, 'utf8'))
  if (exitCode === 0) return tests
  throw new Error(`Not every workflow did what it should:\n${failures.join('\n')}`)
}

type Results = {
  testResults: {
    assertionResults: {
      title: string
      status: string
      duration: number | null
      failureMessages: string[] | null
    }[]
  }[]
}

function readResults(json: string): { tests: Tried[]; failures: string[] } {
  const { testResults } = JSON.parse(json) as Results
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  const tests = all
    .filter(({ status }) => status === 'passed')
    .map(({ title, duration }) => ({ name: title, seconds: (duration ?? 0) / 1000 }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return { tests, failures: all.flatMap(({ failureMessages }) => failureMessages ?? []) }
}

/** The steps of a workflow and how long they took, and what the action says of itself. */
const STEPS = /Success - Main [\w./-]+@|Success - Main pip|🏁|Isolation: (?!.*<\/sub>)|Comment on/

const rounded = (seconds: number) => (seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0))

const fenced = (language: string, text: string) => `\`\`\`\`${language}\n${text}\n\`\`\`\``

function render(steps: Walked[], comment: string, tried: Tried[]): string {
  const walked = steps.map(({ command, seconds, ending }) => {
    const ends = ending === '' ? '' : ` It ends with:\n\n${fenced('', ending)}`
    return `${fenced('sh', command)}\n\n${rounded(seconds)} s.${ends}\n`
  })
  const rows = tried.map(({ name, seconds }) => `| ${name} | ${rounded(seconds)} |`)
  return `# A stranger's path

Made by \`npm run stranger\`, which ran all of this on ${cpus().length} cores; nothing is written by hand. GitHub is
played by the tests' local server, and other actions by stand-ins of a few lines
([test/examples/stand-ins](../../test/examples/stand-ins)). Nothing is installed before: the demo and the
workflow each install SQLMesh.

## From a clone to a comment

${walked.join('\n')}
The comment then begins:

${fenced('markdown', comment.split('\n').slice(1, 11).join('\n').trim())}

## Each workflow to paste

On a project of four models, in a Python that has its packages already where the workflow uses pip. The
sentence is what its test holds it to.

| workflow | seconds |
| --- | --: |
${rows.join('\n')}
`
}

await using temporary = await temporaryFolder()
const { steps, comment } = await strangersPath(temporary.path)
const tried = await tryWorkflows(temporary.path)
await writeFile(join(root, 'docs', 'evidence', 'strangers-path.md'), render(steps, comment, tried))
log('Wrote docs/evidence/strangers-path.md')
