import type { Selection } from './graphqlFields.ts'

/*
 * Fields of dagster-graphql, `schema.graphql`, in 1.11 and 1.13. `stepStats` of a materialization is
 * left out: for an event without a run it makes the whole answer an HTTP 500.
 */

const KEY: Selection = { type: 'AssetKey', fields: { path: true } }

/** Variables: `$keys: [AssetKeyInput!]!`. Unknown keys are absent from `assetNodes`. */
export const ASSET_FIELDS: Selection = {
  type: 'Query',
  fields: {
    assetNodes: {
      args: '(assetKeys: $keys)',
      of: {
        type: 'AssetNode',
        fields: {
          assetKey: KEY,
          opVersion: true,
          isPartitioned: true,
          staleStatus: true,
          staleCauses: { type: 'StaleCause', fields: { category: true } },
          partitionStats: {
            type: 'PartitionStats',
            fields: {
              numPartitions: true,
              numMaterialized: true,
              numFailed: true,
              numMaterializing: true,
            },
          },
        },
      },
    },
    assetsLatestInfo: {
      args: '(assetKeys: $keys)',
      of: {
        type: 'AssetLatestInfo',
        fields: {
          assetKey: KEY,
          latestMaterialization: {
            type: 'MaterializationEvent',
            fields: { runId: true, stepKey: true, timestamp: true },
          },
          inProgressRunIds: true,
          unstartedRunIds: true,
          latestRun: { type: 'Run', fields: { runId: true, status: true } },
        },
      },
    },
  },
}

export const RUN_FIELDS: Selection = {
  type: 'Run',
  fields: {
    startTime: true,
    endTime: true,
    stepStats: {
      type: 'RunStepStats',
      fields: {
        stepKey: true,
        startTime: true,
        endTime: true,
        materializations: { type: 'MaterializationEvent', fields: { stepKey: true } },
      },
    },
  },
}

export const PARTITION_FIELDS: Selection = {
  type: 'AssetNode',
  fields: { staleStatusByPartition: true },
}
