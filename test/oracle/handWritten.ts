import type { Definitions, Scenario } from './scenario.ts'

/** A scenario and what becomes of it, one line an asset: `key status reasons`, then what it waits for. */
export type HandWritten = {
  readonly name: string
  readonly scenario: Scenario
  readonly expected: readonly string[]
  /** It takes a Dagster that knows virtual assets. */
  readonly virtual?: boolean
}

const DAGSTER: Scenario['rule'] = { kind: 'dagster' }

export function given(
  name: string,
  base: Definitions,
  head: Definitions,
  expected: readonly string[],
  more: Partial<Omit<Scenario, 'base' | 'head'>> = {},
): HandWritten {
  return { name, scenario: { base, head, rule: DAGSTER, ...more }, expected }
}

/** Data versions are SQLMesh's; these models keep theirs. */
export const snapshot = (...reused: string[]): Scenario['rule'] => ({ kind: 'snapshot', reused })
