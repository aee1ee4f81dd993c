import { type AssetKey, splitFqn } from '../assetKeys.ts'
import type { Integration, KeyScheme } from './integration.ts'

/**
 * A team's own wiring, as ADR-0007 describes it.
 *
 * @param template of asset keys: `{catalog}/{schema}/{name}` and the like; null where only definitions know them
 */
export function custom(template: string | null): Integration {
  return {
    name: 'custom',
    package: null,
    keys: template === null ? null : templateKeys(template),
    dataVersions: () => 'snapshot',
    setsCodeVersions: () => false,
    remedy: null,
    whyPlanFirst: null,
    selection: null,
    runsInOneStep: () => false,
  }
}

function templateKeys(template: string): KeyScheme {
  const fill = (catalog: string, schema: string, name: string): AssetKey => {
    const values: Readonly<Record<string, string>> = { catalog, schema, name }
    return template
      .split('/')
      .map((segment) =>
        segment.replaceAll(/\{(catalog|schema|name)\}/g, (_, word) => values[word] ?? ''),
      )
  }
  return {
    declaredExternalsAreAssets: false,
    modelKey: (model) => fill(model.catalog, model.schema, model.view),
    dependencyKey: (fqn, model) => {
      if (model !== null) return fill(model.catalog, model.schema, model.view)
      const [name = '', schema = '', catalog = ''] = splitFqn(fqn).reverse()
      return fill(catalog, schema, name)
    },
  }
}
