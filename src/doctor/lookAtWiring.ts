import type { Wired } from '../dagster/definedGraph.ts'
import type { Detected } from '../dagster/integrations/registry.ts'
import { type Finding, note, ok, problem } from './finding.ts'

const GUIDE = 'docs/wiring.md of this action tells how, and how to roll it out.'

/** Whether SQLMesh's data hashes reach Dagster as code versions. */
export function examineWiring(wired: Wired, detected: Detected, defined: boolean): Finding {
  if (!defined) return withoutDefinitions(detected)
  switch (wired) {
    case 'yes':
      return ok('wiring', 'Each SQLMesh asset’s code version is its model’s data hash.')
    case 'no':
      return {
        ...problem(
          'wiring',
          'No SQLMesh asset has a code version, so Dagster shows no change of code.',
          `Add this where the definitions are made. ${GUIDE}`,
        ),
        paste: detected.integration.remedy,
      }
    case 'unknown':
      return note(
        'wiring',
        'Some SQLMesh assets have no code version, or another than the data hash.',
        `If that is not on purpose: ${GUIDE}`,
      )
  }
}

function withoutDefinitions({ integration, version }: Detected): Finding {
  const { name } = integration
  const ask = 'Give `definitions` (the file or module of your Dagster definitions) to know.'
  if (integration.setsCodeVersions(version)) {
    return note('wiring', `${name} ${version} hands data hashes to Dagster by itself.`, ask)
  }
  const publishes =
    integration.package === null ? '' : ` ${name} as published sets no code version.`
  return note(
    'wiring',
    `Whether data hashes reach Dagster is not known without definitions.${publishes}`,
    `${ask} ${GUIDE}`,
  )
}
