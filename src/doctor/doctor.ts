import { loadDefinitionsOf, loadSide } from '../check/loadCommits.ts'
import type { Loading } from '../check/loadRequest.ts'
import type { Ports } from '../check/ports.ts'
import { keyId } from '../dagster/assetKeys.ts'
import { readLive } from '../dagster/live/readLive.ts'
import { type Commits, checkedOutCommit, committedAt } from '../git/commits.ts'
import type { Git } from '../git/gitCommand.ts'
import { openReader } from '../git/objectReader.ts'
import { completeCommits } from '../git/partialClone.ts'
import { openRepository, type Repository } from '../git/repository.ts'
import { readSubmodules } from '../git/submodules.ts'
import { openTrees, type Trees } from '../git/trees.ts'
import { requireSubmodules } from '../git/unreadSubmodules.ts'
import type { Request } from '../inputs/request.ts'
import { type Environments, openEnvironments } from '../interpreter/environments.ts'
import { type Failure, toFailure } from '../platform/failure.ts'
import { type Known, unknownSubject } from '../report/subject.ts'
import { lookForGit } from '../sandbox/hiddenPlaces.ts'
import { type Isolation, isolate } from '../sandbox/sandbox.ts'
import { tryWays } from '../sandbox/sandboxWays.ts'
import { EVERYTHING, startProbes } from '../sqlmesh/probe.ts'
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
  const trying = tryWays(ports.environment)
  try {
    const repository = await openRepository(ports.folder)
    const { root, git } = repository
    const around = { environment: ports.environment, workspace: root }
    const looking = lookForGit(around)
    const comparison = ports.choose(await checkedOutCommit(git))
    const { findings: aboutGit, commits } = await ports.stage('git', 'Finding the commits', () =>
      examineRepository(git, comparison),
    )
    findings.push(...aboutGit, ...(await examineWorkflows(root)))
    const some = commits ?? (await headAlone(git))
    const trial = await trying
    const surroundings = { ...around, given: request.env, gitFolders: await looking }
    const isolation = await attempt(async () => isolate(request.isolation, trial, surroundings))
    findings.push(aboutIsolation(isolation))
    if (isolation instanceof Error) return inOrder(findings)
    const place = { request, ports, isolation, repository, root }
    findings.push(...(await examineCommits(some, place)))
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
  if (isolation instanceof Error) return failed('isolation', isolation)
  const { level, text } = isolation
  if (level === 'namespaces' || level === 'landlock') return ok('isolation', text)
  return note('isolation', text, 'See docs/isolation.md for what a runner has to allow.')
}

/** Where base cannot be had, head still tells most. */
async function headAlone(git: Git): Promise<Commits> {
  const head = await checkedOutCommit(git)
  return { base: head, head }
}

type Place = {
  readonly request: Request
  readonly ports: Ports
  readonly isolation: Isolation
  readonly repository: Repository
  readonly root: string
}

async function examineCommits(commits: Commits, place: Place): Promise<readonly Finding[]> {
  const { request, ports, isolation, repository, root } = place
  await using trees = await openTrees(ports.temporary)
  await ports.stage('git', 'Reading their files', async () => {
    await completeCommits(repository, commits)
    await using submodules = await readSubmodules(repository, commits, ports.temporary)
    await using reader = await openReader(submodules.objects, ports.temporary)
    await requireSubmodules(reader.git, submodules, request.projects)
    await trees.checkout(submodules.objects, submodules.commits, null)
  })
  let opened: Environments
  try {
    opened = await ports.stage('Python', 'Finding Python', () =>
      openEnvironments(request, { ...ports, isolation, workspace: root, visit: trees.visit }),
    )
  } catch (thrown) {
    return [failed('python', toFailure(thrown))]
  }
  await using environments = opened
  const at = await committedAt(repository.git, commits)
  return await examineHead(trees, environments, at, place)
}

async function examineHead(
  trees: Trees,
  environments: Environments,
  at: number,
  { request, ports, isolation, root }: Place,
): Promise<readonly Finding[]> {
  const scope = { kind: 'everything', because: 'the doctor looks', changed: null } as const
  await using probes = startProbes(null)
  const common = {
    ports,
    isolation,
    trees,
    environments,
    probes,
    workspace: root,
    scope,
    at,
    kept: null,
  }
  const loading: Loading = { ...common, request: { ...request, definitions: null } }
  const first = await attempt((known) => loadSide('head', EVERYTHING, loading, known))
  if (first instanceof Error) return [failed(topicOf(first), first)]
  const { manifest } = first
  if (manifest === null) {
    const where = request.projects.map((project) => `\`${project}\``).join(', ')
    const fix = 'Point the input `project` to the folder that holds config.yaml or config.py.'
    return [problem('sqlmesh', `There is no SQLMesh project in ${where}.`, fix)]
  }
  const { python } = await trees.visit('head', (tree) => environments.of('head', tree))
  const origin = { given: 'given', installed: 'made by `install`', found: 'found' } as const
  const guess = manifest.versions.dagster === null ? null : await lookForDefinitions(trees, request)
  const target = request.definitions ?? (guess instanceof Error ? null : guess)
  const asking: Loading = { ...common, request: { ...request, definitions: target } }
  const told = await attempt((known) => loadDefinitionsOf('head', asking, known))
  const guessed = request.definitions === null && target !== null
  const definitions = told instanceof Error ? null : told
  const { findings, detected, graphs } = examineAssets({ manifest, definitions }, request)
  const defined = definitions !== null
  return [
    ok('python', `Python ${manifest.versions.python}, ${origin[environments.origin]}: ${python}`),
    ...examineManifest(manifest),
    guess instanceof Error
      ? failed('dagster', guess)
      : aboutDagster(manifest.versions.dagster, target === null ? null : targetText(target), {
          guessed,
          failure: told instanceof Error ? told : null,
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

async function attempt<T>(load: (known: Known) => Promise<T>): Promise<T | Failure> {
  try {
    return await load({ subject: unknownSubject(''), notices: [] })
  } catch (thrown) {
    return toFailure(thrown)
  }
}

function topicOf({ code }: Failure): FindingTopic {
  return code === 'environment' || code === 'install-failed' ? 'python' : 'sqlmesh'
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
