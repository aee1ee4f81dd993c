import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { DefinedAsset, Definitions } from '../../src/dagster/definitions.ts'

type Single =
  /** Static ones. */
  | readonly string[]
  /** Two days. */
  | 'daily'
  | {
      readonly every: 'hourly' | 'daily' | 'weekly' | 'monthly'
      readonly start: string
      readonly end?: string
    }
  /** The name of dynamic ones. */
  | { readonly dynamic: string }

export type Partitioning = Single | { readonly dimensions: Readonly<Record<string, Single>> }

/** `Array.isArray` does not tell a readonly one. */
export function isStatic(partitions: Partitioning): partitions is readonly string[] {
  return Array.isArray(partitions)
}

/** How an asset's partitions read a parent's, other than by Dagster's default. */
export type Mapping =
  | 'all'
  | 'last'
  | 'identity'
  /** Of a class that is not Dagster's. */
  | 'custom'
  | { readonly specific: readonly string[] }
  /** The parent's, and which own ones each is read by. */
  | { readonly static: Readonly<Record<string, string | readonly string[]>> }
  /** Offsets of start and end. */
  | { readonly window: readonly [number, number] }
  | { readonly dimension: string }
  /** The parent's dimension, the own one, and how. */
  | { readonly dimensions: Readonly<Record<string, readonly [string, Mapping]>> }

/** An asset as judge.py defines it in Dagster. */
export type JudgedAsset = {
  readonly key: readonly string[]
  readonly codeVersion: string | null
  readonly parents: readonly (readonly string[])[]
  /** Whether something materializes it. An `external` or `virtual` one is a bare spec. */
  readonly kind: 'materialized' | 'neverMaterialized' | 'external' | 'virtual'
  readonly partitions: Partitioning | null
  readonly mappings: readonly { readonly parent: readonly string[]; readonly mapping: Mapping }[]
  /** What its run stamps as data version; null leaves it to Dagster. */
  readonly dataVersion: string | null
}

export type Case = {
  readonly base: readonly JudgedAsset[]
  readonly head: readonly JudgedAsset[]
  /** The dynamic partitions that there are, by name. */
  readonly dynamic: Readonly<Record<string, readonly string[]>>
  /** Whether our own probe looks at both sides too. */
  readonly probe: boolean
  /**
   * How assets materialize: by real runs, or by reported events, which are faster. With `execute`
   * keys are exactly those of the case; otherwise each gets a first segment of the case's.
   */
  readonly run: 'execute' | 'report'
}

/** A root cause, as Dagster's page shows it. */
export type StaleCause = {
  readonly category: 'CODE' | 'DATA' | 'DEPENDENCIES'
  readonly reason: string
  /** Of DATA the parent, else the asset itself. */
  readonly key: readonly string[]
  /** Of DEPENDENCIES the parent. */
  readonly dependency: readonly string[] | null
}

export type View = {
  readonly status: 'MISSING' | 'STALE' | 'FRESH'
  readonly causes: readonly StaleCause[]
}

export type AssetView = View & {
  readonly key: readonly string[]
  readonly partitions: readonly (View & { readonly partition: string })[]
  readonly dataVersion: string | null
}

export type Probed = Pick<Definitions, 'partitions' | 'mappings'> & {
  readonly assets: readonly DefinedAsset[]
}

export type Verdict = {
  /** The version of Dagster that judged. */
  readonly dagster: string
  /** What our probe is told of both sides; null if it was not asked. */
  readonly probed: { readonly base: Probed; readonly head: Probed } | null
  /** First on deploy, then after each round of materializing everything that was not fresh. */
  readonly states: readonly {
    readonly ran: readonly (readonly string[])[]
    readonly assets: readonly AssetView[]
  }[]
}

/**
 * Gives cases to the real Dagster of a Python environment, all in one process.
 *
 * @returns verdicts in the cases' order
 * @throws with what Dagster printed when it refuses a case
 */
export async function judge(python: string, cases: readonly Case[]): Promise<readonly Verdict[]> {
  const script = join(import.meta.dirname, 'judge.py')
  const child = spawn(python, ['-I', script], { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(-20_000)
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  // It may end before it has read everything; its exit code tells that better than EPIPE.
  child.stdin.on('error', () => {})
  child.stdin.end(cases.map((each) => `${JSON.stringify(each)}\n`).join(''))
  const exitCode = await ended
  const lines = output.split('\n').filter((line) => line !== '')
  if (exitCode !== 0 || lines.length !== cases.length) {
    throw new Error(
      `Dagster judged ${lines.length} of ${cases.length} cases (exit ${exitCode})\n${printed}`,
    )
  }
  return lines.map((line) => JSON.parse(line) as Verdict)
}
