import { publishedIntegration } from '../../dagster/integrations/registry.ts'
import { counted } from '../markdown/markdown.ts'
import type { Report } from '../model.ts'
import type { Rows } from '../rows.ts'

/** What to say first where the code versions do not reach Dagster; null where they may. */
export function wiringStatement({ integration, counts }: Report): string | null {
  if (integration.wired !== 'no' || counts === null) return null
  const name =
    publishedIntegration(integration.name) === null
      ? 'The definitions give'
      : `${[integration.name, integration.version].filter((part) => part !== null).join(' ')} gives`
  return `Dagster will not show changes of code here: ${name} no SQLMesh asset a code version. Dagster only shows changed dependencies.`
}

/** Python that hands each model's data hash to Dagster; null where it depends on one's own code. */
export function wiringRemedy({ integration }: Report): string | null {
  return publishedIntegration(integration.name)?.remedy ?? null
}

/** One sentence for all assets whose only change is their first code version; null if there are none. */
export function firstVersionsStatement({ first }: Rows): string | null {
  if (first.length === 0) return null
  const [get, each] = first.length === 1 ? ['gets', 'It shows'] : ['get', 'Each shows']
  return `${counted(first.length, 'asset')} ${get} a first code version, because the definitions of base set none. ${each} as Unsynced once, although the model stays as it is: materialize once.`
}
