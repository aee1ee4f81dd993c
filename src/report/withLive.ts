import { keyId } from '../dagster/assetKeys.ts'
import { publishedIntegration } from '../dagster/integrations/registry.ts'
import type { DagsterServer } from '../dagster/live/dagsterServer.ts'
import { exposesToken } from '../dagster/live/dagsterServer.ts'
import type { LiveAsset, WantedAsset } from '../dagster/live/liveAsset.ts'
import type { Live } from '../dagster/live/readLive.ts'
import type { Notice, Report, ReportAsset } from './model.ts'

/** The assets of a report that a running Dagster is asked about, the most important first. */
export function liveWanted({ assets, integration }: Report): readonly WantedAsset[] {
  const { name, version } = integration
  const timedByRun = publishedIntegration(name)?.runsInOneStep(version) ?? false
  return assets.map(({ key }) => ({ key, timedByRun }))
}

/** A report with what a running Dagster said of its assets. */
export function withLive(report: Report, live: Live, server: DagsterServer): Report {
  if (report.assets.length === 0) return report
  const assets = report.assets.map(({ live: _, ...asset }) => {
    const known = live.assets.get(keyId(asset.key))
    return known === undefined ? asset : { ...asset, live: known }
  })
  const notices = [
    ...aboutTransport(server),
    ...aboutTrouble(live),
    ...aboutAbsent(assets),
    ...aboutCodeVersions({ ...report, assets }),
  ]
  return { ...report, assets, notices: [...report.notices, ...notices] }
}

function aboutTransport(server: DagsterServer): Notice[] {
  if (!exposesToken(server)) return []
  const message =
    'The input `dagster-url` starts with http:, so that `dagster-token` crosses the network readable for others. Use https:.'
  return [{ level: 'warning', code: 'dagster-http', message }]
}

function aboutTrouble({ trouble }: Live): Notice[] {
  if (trouble === null) return []
  const { asked, answered, advice } = trouble
  const message = `A running Dagster was to tell ${asked}: ${answered}. ${advice} The rows stand without it.`
  return [{ level: 'info', code: 'dagster-unanswered', message }]
}

type AssetWithAnswer = ReportAsset & { readonly live: LiveAsset }

function assetsWithAnswer(assets: readonly ReportAsset[]): readonly AssetWithAnswer[] {
  return assets.filter((asset): asset is AssetWithAnswer => asset.live !== undefined)
}

/** What base defines and Dagster does not know has another key there, or is not deployed. */
function aboutAbsent(assets: readonly ReportAsset[]): Notice[] {
  const asked = assetsWithAnswer(assets).filter(({ status }) => status !== 'new')
  const absent = asked.filter(({ live }) => live.status === 'absent')
  if (absent.length === 0) return []
  const names = absent.slice(0, 3).map(({ key }) => `\`${key.join('/')}\``)
  const rest = absent.length - names.length
  const some = rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ')
  return [
    {
      level: 'warning',
      code: 'dagster-absent',
      message: `The running Dagster does not know ${absent.length} of the ${asked.length} listed assets: ${some}. Check the inputs \`integration\`, \`asset-key\` and \`gateway\`, which decide the keys, and that its code location loads.`,
    },
  ]
}

/** What the deployed definitions say of code versions, against what base says. */
function aboutCodeVersions({ assets, integration }: Report): Notice[] {
  const compared = assetsWithAnswer(assets).filter(
    ({ live, codeVersion }) => live.status !== 'absent' && codeVersion.base !== null,
  )
  const unwired = compared.filter(({ live }) => live.codeVersion === null)
  const other = compared.filter(
    ({ live, codeVersion }) => live.codeVersion !== null && live.codeVersion !== codeVersion.base,
  )
  const notices: Notice[] = []
  if (unwired.length > 0 && integration.wired !== 'no') {
    const all = unwired.length === compared.length ? 'none' : `${unwired.length}`
    const have = all === 'none' ? 'has a code version' : 'have no code version'
    notices.push({
      level: 'warning',
      code: 'dagster-not-wired',
      message: `In the running Dagster ${all} of the ${compared.length} listed assets that have a data hash ${have}: it does not show a change of their code. docs/wiring.md of this action says what to add.`,
    })
  }
  if (other.length > 0) {
    notices.push({
      level: 'info',
      code: 'dagster-other-code',
      message: `For ${other.length} of the ${compared.length} listed assets the running Dagster has another code version than base: another commit is deployed there, or another gateway or version of SQLMesh.`,
    })
  }
  return notices
}
