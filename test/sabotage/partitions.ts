import type { Defence } from './defence.ts'

const causes = 'src/dagster/staleCauses.ts'
const staleness = 'src/dagster/staleness.ts'
const given = 'src/dagster/partitions.ts'

const rules = 'python/unsynced/partitions/partition_rules.py'
const cases = 'test/dagster/cases.test.ts'
const stalenessTest = 'test/dagster/staleness.test.ts'
const definitions = 'test/dagster/definitions.real.test.ts'

export const partitions: readonly Defence[] = [
  {
    name: 'an asset is unsynced where one of its partitions is',
    file: given,
    take: 'return partitions === null ? [null] : partitions.keys',
    put: 'return partitions === null ? [null] : []',
    test: cases,
  },
  {
    name: 'only partitions that are read make one follow',
    file: causes,
    take: 'return seen !== INITIAL && read.some((partition) => hasMovedSince(run, key, partition, log))',
    put: 'return seen !== INITIAL && latest.place > run.place',
    test: cases,
  },
  {
    name: 'parents that Dagster does not look at make none follow',
    file: causes,
    take: 'return (tracked ? rows.get(partition) : null) ?? []',
    put: 'return rows.get(partition) ?? []',
    test: cases,
  },
  {
    name: 'what a mapping gives that is not resolved is only possible',
    file: staleness,
    take: "if (rule.kind === 'snapshot' || hasOpenMappings(base) || hasOpenMappings(head)) {",
    put: "if (rule.kind === 'snapshot') {",
    test: stalenessTest,
    only: 'partitioned assets',
  },
  {
    name: 'a partition that was not looked at is not taken for missing',
    file: staleness,
    take: 'withMappings(withKnownPartitions(deployed, given), open)',
    put: 'withMappings(deployed, open)',
    test: stalenessTest,
    only: 'partitioned assets',
  },
  {
    name: 'which partitions there are is asked for the time of the commits',
    file: rules,
    take: 'return partition_loading_context(at, store())',
    put: 'return partition_loading_context(None, store())',
    test: definitions,
    only: 'says which partitions there are',
  },
  {
    name: 'a mapping of the user’s own is not asked',
    file: rules,
    take: 'if kind.__module__.split(".")[0] != "dagster":',
    put: 'if kind is None:',
    test: definitions,
    only: 'says which of a parent',
  },
]
