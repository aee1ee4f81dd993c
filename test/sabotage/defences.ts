import type { Defence } from './defence.ts'
import { engines } from './engines.ts'
import { environments } from './environments.ts'
import { git } from './git.ts'
import { github } from './github.ts'
import { isolation } from './isolation.ts'
import { loads } from './loads.ts'
import { partitions } from './partitions.ts'
import { refusals } from './refused.ts'
import { report } from './report.ts'
import { scope } from './scope.ts'
import { versions } from './versions.ts'

/** All defences, by where they stand. */
export const defences: Readonly<Record<string, readonly Defence[]>> = {
  'Git and files': git,
  'Loads, log and cancellation': loads,
  'What is loaded': scope,
  'Environments and what is pinned': environments,
  'Engines and hashes': engines,
  'What SQLMesh refuses': refusals,
  'What follows': versions,
  'What follows on partitions': partitions,
  'Isolation and secrets': isolation,
  'GitHub and the verdict': github,
  'Reports and what they show': report,
}
