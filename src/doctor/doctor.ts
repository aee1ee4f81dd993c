import { type Checkout, openCheckout, openCommits } from '../check/checkout.ts'
import { definitionsOf, loadManifest } from '../check/loadCommits.ts'
import type { Ports } from '../check/ports.ts'
import { openSession, type Session } from '../check/session.ts'
import { keyId } from '../dagster/assetKeys.ts'
import { readLive } from '../dagster/live/readLive.ts'
import type { Commits } from '../git/commits.ts'
import { completeCommits } from '../git/partialClone.ts'
import type { Trees } from '../git/trees.ts'
import { requireSubmodules } from '../git/unreadSubmodules.ts'
import type { Request } from '../inputs/request.ts'
import { Failure, toFailure } from '../platform/failure.ts'
import type { Isolation } from '../sandbox/sandbox.ts'
import { EVERYTHING } from '../sqlmesh/probe.ts'
import {
  FINDING_TOPICS,
  type Finding,
  type FindingTopic,
  failed,
  note,
  ok,
  problem,
} from './finding.ts'
import { guessDefinitions, targetText } from './lookAtDefinitions.ts'
import { examineAssets, examineManifest, samplesOf } from './lookAtProject.ts'
import { examineRepository } from './lookAtRepository.ts'
import { examineWiring } from './lookAtWiring.ts'
import { examineWorkflows } from './lookAtWorkflows.ts'

/**
 * Looks at everything that a check needs, in the repository and at its head commit, and says what was
 * found and what to do. What is wrong in one place does not keep it from looking at the others.
 *
 * @returns findings by topic; never throws a Failure
 */
export async function examine(request: Request, ports: Ports): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  try {
    const checkout = await openCheckout(request, ports)
    const { repository, comparison } = checkout
    const { findings: aboutGit, commits } = await ports.stage('git', 'Finding the commits', () =>
      examineRepository(repository.git, comparison),
    )
    findings.push(...aboutGit, ...(await examineWorkflows(repository.root)))
    const isolation = await attempt(() => checkout.isolate())
    findings.push(aboutIsolation(isolation))
    if (isolation instanceof Failure) return inOrder(findings)
    // Where base cannot be had, head still tells most.
    const some = commits ?? { base: checkout.checkedOut, head: checkout.checkedOut }
    findings.push(...(await examineCommits(checkout, some, request, ports)))
  } catch (thrown) {
    findings.push(failed('git', toFailure(thrown)))
  }
  return inOrder(findings)
}

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return FINDING_TOPICS.flatMap((topic) => findings.filter((finding) => finding.topic === topic))
}

/** What it is here says little of the runner, but all of what the doctor itself did. */
function aboutIsolation(isolation: Isolation | Failure): Finding {
  if (isolation instanceof Failure) return failed('isolation', isolation)
  const { level, text } = isolation
  if (level === 'namespaces' || level === 'landlock') return ok('isolation', text)
  return note('isolation', text, 'See docs/isolation.md for what a runner has to allow.')
}

async function examineCommits(
  checkout: Checkout,
  commits: Commits,
  request: Request,
  ports: Ports,
): Promise<readonly Finding[]> {
  await completeCommits(checkout.repository, commits)
  await using files = await openCommits(checkout, commits, ports)
  const { reader, submodules } = files
  await requireSubmodules(reader.git, submodules, request.projects)
  // Nobody asks about the models.
  const inputs = { ...request, dataVersion: 'dagster' } as const
  const session = await attempt(() => openSession(inputs, ports, checkout, files, null))
  if (session instanceof Failure) return [failed(topicOf(session, 'git'), session)]
  await using opened = session
  return await examineHead(opened, request)
}

async function examineHead(session: Session, request: Request): Promise<readonly Finding[]> {
  const { trees, environments } = session
  const wanted = { side: 'head', extent: EVERYTHING, why: 'everything: the doctor looks' } as const
  const manifest = await attempt(() =>
    trees.visit('head', (tree, scratch) =>
      loadManifest({ ...wanted, target: null }, { tree, scratch }, session),
    ),
  )
  if (manifest instanceof Failure) return [failed(topicOf(manifest, 'sqlmesh'), manifest)]
  if (manifest === null) {
    const where = request.projects.map((project) => `\`${project}\``).join(', ')
    const fix = 'Point the input `project` to the folder that holds config.yaml or config.py.'
    return [problem('sqlmesh', `There is no SQLMesh project in ${where}.`, fix)]
  }
  const { python } = await trees.visit('head', (tree) => environments.of('head', tree))
  const origin = { given: 'given', installed: 'made by `install`', found: 'found' } as const
  const guess = manifest.versions.dagster === null ? null : await lookForDefinitions(trees, request)
  const target = request.definitions ?? (guess instanceof Failure ? null : guess)
  const told = await attempt(async () =>
    target === null
      ? null
      : await trees.visit('head', (tree, scratch) =>
          definitionsOf('head', target, { tree, scratch }, session),
        ),
  )
  const guessed = request.definitions === null && target !== null
  const definitions = told instanceof Failure ? null : told
  const { findings, detected, graphs } = examineAssets({ manifest, definitions }, request)
  const defined = definitions !== null
  return [
    ok('python', `Python ${manifest.versions.python}, ${origin[environments.origin]}: ${python}`),
    ...examineManifest(manifest),
    guess instanceof Failure
      ? failed('dagster', guess)
      : aboutDagster(manifest.versions.dagster, target === null ? null : targetText(target), {
          guessed,
          failure: told instanceof Failure ? told : null,
        }),
    ...findings,
    ...(detected === null || graphs === null
      ? []
      : [examineWiring(graphs.wired, detected, defined)]),
    ...(graphs === null ? [] : await examineLive(graphs.head, request)),
  ]
}

/** What is not given may be found; nothing is looked for where it is given. */
async function lookForDefinitions(trees: Trees, { definitions, projects }: Request) {
  if (definitions !== null) return null
  return await attempt(() => trees.visit('head', (tree) => guessDefinitions(tree, projects)))
}

async function attempt<T>(work: () => Promise<T>): Promise<T | Failure> {
  try {
    return await work()
  } catch (thrown) {
    return toFailure(thrown)
  }
}

function topicOf({ code }: Failure, otherwise: FindingTopic): FindingTopic {
  switch (code) {
    case 'environment':
    case 'install-failed':
    case 'versions-differ':
      return 'python'
    case 'isolation':
      return 'isolation'
    default:
      return otherwise
  }
}

function aboutDagster(
  version: string | null,
  target: string | null,
  { guessed, failure }: { readonly guessed: boolean; readonly failure: Failure | null },
): Finding {
  if (failure !== null) {
    const finding = failed('dagster', failure)
    const found = `The definitions ${target} do not load: ${finding.found}`
    return guessed
      ? note('dagster', found, 'If your definitions are elsewhere, name them in `definitions`.')
      : { ...finding, found }
  }
  if (target !== null) {
    const name = guessed ? ', which were found' : ''
    const found = `Dagster ${version ?? ''} loads the definitions ${target}${name}.`
    return guessed
      ? note('dagster', found, `Give the check \`definitions: ${target}\` to have it ask them too.`)
      : ok('dagster', found)
  }
  return version === null
    ? note(
        'dagster',
        'Dagster is not installed beside SQLMesh, so that no definitions can be asked.',
        'Install it there to use `definitions`; the check needs it for nothing else.',
      )
    : note(
        'dagster',
        `Dagster ${version}; no definitions were found.`,
        'Name them in `definitions`.',
      )
}

/** Whether a running Dagster knows the sample's keys. */
async function examineLive(
  graph: Parameters<typeof samplesOf>[0],
  { dagster }: Request,
): Promise<readonly Finding[]> {
  if (dagster === null) return []
  const samples = samplesOf(graph)
  const wanted = samples.map(({ key }) => ({ key, timedByRun: false }))
  const { assets, trouble } = await readLive(wanted, dagster)
  if (trouble !== null) return [problem('dagster live', trouble.answered, trouble.advice)]
  const states = samples.map(({ key }) => assets.get(keyId(key)))
  const unknown = samples.filter((_, index) => states[index]?.status === 'absent')
  if (unknown.length > 0) {
    const names = unknown.map(({ key }) => key.join('/')).join(', ')
    const fix =
      'Check the inputs `integration`, `asset-key` and `gateway`, and that the code location loads.'
    return [problem('dagster live', `The running Dagster does not know ${names}.`, fix)]
  }
  const bare = states.filter((state) => state?.codeVersion === null).length
  const found = `The running Dagster knows the ${samples.length} assets.`
  return bare === 0
    ? [ok('dagster live', found)]
    : [problem('dagster live', `${found} ${bare} have no code version.`, 'Deploy the wiring.')]
}
