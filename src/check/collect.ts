import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import path from 'node:path'
import type { Request } from '../inputs/request.ts'
import { Failure, toFailure } from '../platform/failure.ts'
import { nothingFound } from '../report/findings.ts'
import { MOST_BYTES, type Report } from '../report/model.ts'
import { judge } from '../report/policy.ts'
import { NO_SOURCES } from '../report/presentation.ts'
import { parseReport } from '../report/readReport.ts'
import { errorReport } from '../report/report.ts'
import { addLive } from './addLive.ts'
import { type Outcome, refuse } from './check.ts'

/** What an entry lends to a collection. */
export type CollectPorts = {
  /** Folders that reports may lie in; relative paths start at the first. */
  readonly folders: readonly string[]
  /** Commits that reports may be about, from the event; never from a report. */
  readonly heads: readonly string[]
  /** The head of a pull request whose merge commits reports may be about too; null = none. */
  readonly mergedHead: string | null
  /** Looks up the parents of a commit of the repository. */
  readonly parents: (commit: string) => Promise<readonly string[]>
}

/**
 * The story of `mode: report`: the reports of earlier jobs, each held to what the event says. It runs
 * nothing of the project's, so it may hold a token that writes.
 *
 * @returns one outcome a file, in the order given; a file that cannot be used is an error of its own
 */
export async function collect(request: Request, ports: CollectPorts): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const file of request.reports) outcomes.push(await collectOne(file, request, ports))
  const projects = outcomes.map(({ report }) => report.project)
  const twice = projects.find((project, index) => projects.indexOf(project) < index)
  if (twice === undefined) return await withDagster(outcomes, request)
  const message = `Two of the reports are about the project \`${twice}\`.`
  return [
    refuse(
      new Failure('report', message, {
        hint: 'Name each project’s report once. Reports on several gateways of one project need a job each, with a `comment-key` of its own.',
      }),
    ),
  ]
}

/** A job of an earlier stage may have asked too; this one asks with its own token, and later. */
async function withDagster(
  outcomes: readonly Outcome[],
  { dagster }: Request,
): Promise<readonly Outcome[]> {
  if (dagster === null) return outcomes
  const reports = await addLive(
    outcomes.map(({ report }) => report),
    dagster,
  )
  return outcomes.map((outcome, index) => ({
    ...outcome,
    report: reports[index] ?? outcome.report,
  }))
}

async function collectOne(file: string, request: Request, ports: CollectPorts): Promise<Outcome> {
  try {
    const report = parseReport(await readBounded(file, ports.folders), file)
    await checkHead(report, file, ports)
    const verdict = report.error === null ? judge(report.assets, request.failOn) : null
    const conclusion = verdict?.conclusion ?? 'failure'
    const judged = { ...report, conclusion }
    return { report: judged, verdict, comparison: null, failure: null, sources: NO_SOURCES }
  } catch (thrown) {
    const failure = toFailure(thrown)
    const report = errorReport(nothingFound(file), failure)
    return { report, verdict: null, comparison: null, failure, sources: NO_SOURCES }
  }
}

/** Text of a regular file inside one of the folders, where symbolic links lead outside of neither. */
async function readBounded(file: string, folders: readonly string[]): Promise<string> {
  const refused = (why: string, cause?: unknown) =>
    new Failure('report', `The report ${file} cannot be read: ${why}.`, {
      hint: 'Download it in an earlier step, below the workspace or RUNNER_TEMP, and name its path in `reports`.',
      cause,
    })
  const given = path.resolve(folders[0] ?? '', file)
  const [real, ...roots] = await Promise.all(
    [given, ...folders].map((name) => realpath(name)),
  ).catch((cause) => {
    throw refused('there is no such file', cause)
  })
  if (!roots.some((root) => isInside(real as string, root))) {
    throw refused('it is not below the workspace or RUNNER_TEMP')
  }
  // A pipe would keep us waiting for ever, without O_NONBLOCK.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  await using handle = await open(real as string, flags).catch((cause) => {
    throw refused((cause as Error).message, cause)
  })
  if (!(await handle.stat()).isFile()) throw refused('it is not a regular file')
  const chunks: Buffer[] = []
  // It may grow while it is read.
  const stream = handle.createReadStream({ end: MOST_BYTES, autoClose: false })
  for await (const chunk of stream) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  if (bytes.length > MOST_BYTES) throw refused(`it is larger than ${MOST_BYTES / 2 ** 20} MiB`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw refused('it is not UTF-8', cause)
  }
}

function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file)
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative)
}

/**
 * Holds a report to the event: its head must be a commit that the event names, or a merge of exactly
 * the report's base with the event's head, which is what actions/checkout checks out for a pull
 * request and which no event names.
 */
async function checkHead(
  { head, base, error }: Report,
  file: string,
  ports: CollectPorts,
): Promise<void> {
  // It failed before there was a commit, and an error is red whatever it is about.
  if (error !== null && head.sha === null) return
  const { heads, mergedHead } = ports
  if (head.sha !== null && heads.includes(head.sha)) return
  if (head.sha !== null && mergedHead !== null) {
    const [first, second, ...more] = await ports.parents(head.sha)
    if (first === base.sha && second === mergedHead && more.length === 0) return
  }
  throw new Failure(
    'report',
    `The report ${file} is about ${head.sha}, another commit than this run.`,
    {
      hint: 'Use the report of a job of the same run, or of the run that started this one.',
    },
  )
}
