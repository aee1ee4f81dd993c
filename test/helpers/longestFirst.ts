import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of more than a minute, the longest first: begun last, one of them alone would keep everybody waiting. */
const LONGEST = [
  'sqlmesh/waysToRead',
  'sqlmesh/categories',
  'oracle/dagster-1.13',
  'sqlmesh/refused',
  'e2e/installs',
  'examples/environments',
  'hostile/endings',
  'oracle/integrations',
  'oracle/dagster-1.11',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.findIndex((name) => moduleId.includes(`/test/${name}.`))
      return found === -1 ? LONGEST.length : found
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
