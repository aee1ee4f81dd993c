import { Failure } from '../../platform/failure.ts'
import { custom } from './custom.ts'
import { dagsterSqlmesh } from './dagsterSqlmesh.ts'
import { dgSqlmesh } from './dgSqlmesh.ts'
import type { Integration } from './integration.ts'

/** The packages that make the assets. Where none is installed, the first is assumed: ADR-0007 belongs to it. */
const PUBLISHED: readonly [Integration, ...Integration[]] = [dgSqlmesh, dagsterSqlmesh]

/** Values of the input `integration`; `auto` finds out. */
export const INTEGRATION_NAMES = ['auto', ...PUBLISHED.map(({ name }) => name), 'custom'] as const

const packages = PUBLISHED.flatMap((one) => one.package ?? [])

/** What pip calls their packages. */
export const DISTRIBUTIONS = packages.map(({ distribution }) => distribution)

/** What Python calls them. */
export const MODULES = packages.map(({ module }) => module)

/** A package that makes assets; null for a team's own way, and for what this version does not know. */
export function publishedIntegration(name: string | null): Integration | null {
  return PUBLISHED.find((one) => one.name === name) ?? null
}

/** What makes the assets. */
export type Detected = {
  readonly integration: Integration
  /** Of its package; null = not installed, or it has none. */
  readonly version: string | null
  /** Assumed because nothing is installed that could be it. */
  readonly assumed: boolean
}

/** What the user says of it. */
type Asked = {
  /** One of `INTEGRATION_NAMES`. */
  readonly integration: string
  /** Template of asset keys; only with `custom`. */
  readonly assetKey: string | null
}

/**
 * `auto` looks at what is installed beside SQLMesh; where nothing is, the integration that the decision record
 * (ADR-0007) belongs to is assumed, and the caller says so. Loaded definitions know better: what they import makes
 * the assets.
 *
 * @param installed versions by distribution
 * @param imported which of `MODULES` the definitions imported; null without definitions
 * @throws Failure `config` when several are installed, of which only the user can say which it is
 */
export function detectIntegration(
  { integration: asked, assetKey }: Asked,
  installed: Readonly<Record<string, string | null>>,
  imported: readonly string[] | null,
): Detected {
  const known = (integration: Integration): Detected => {
    const version = installed[integration.package?.distribution ?? ''] ?? null
    return { integration, version, assumed: false }
  }
  const named = publishedIntegration(asked)
  if (named !== null) return known(named)
  if (asked === 'custom') return known(custom(assetKey))
  if (imported !== null) {
    const [only, another] = PUBLISHED.filter((one) => imported.includes(one.package?.module ?? ''))
    // None of them, or a mixture, is of the user's own making: its keys are linked to models one by one.
    return known(only === undefined || another !== undefined ? custom(null) : only)
  }
  const found = PUBLISHED.map(known).filter(({ version }) => version !== null)
  const [only, another] = found
  if (another !== undefined) throw ambiguous(found)
  return only ?? { ...known(PUBLISHED[0]), assumed: true }
}

function ambiguous(found: readonly Detected[]): Failure {
  const names = found.map(({ integration }) => integration.name)
  const message = `${found.length === 2 ? 'Both ' : ''}${names.join(' and ')} are installed.`
  return new Failure('config', message, {
    hint: 'Say which one makes the assets: the input `integration`.',
  })
}
