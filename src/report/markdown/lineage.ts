import type { AssetKey } from '../../dagster/assetKeys.ts'
import { keyId } from '../../dagster/assetKeys.ts'
import type { Report, ReportAsset } from '../model.ts'
import { keyText } from '../presentation.ts'
import { SECTIONS } from '../words/sections.ts'
import { block, counted, details, shorten } from './markdown.ts'

/** More than this nobody can read. Mermaid itself fails at 501 edges or 50,000 characters. */
const MOST_NODES = 40
const MOST_EDGES = 60
const MOST_LABEL = 60

type Edge = {
  readonly from: ReportAsset
  readonly to: ReportAsset
  readonly what: 'expected' | 'possible' | 'new dependency' | 'removed dependency'
}

/** Changed assets and what follows from them, drawn; a sentence if that is too much to draw. */
export function lineageSection({ assets }: Report): string | null {
  const edges = edgesOf(assets)
  if (edges.length === 0) return null
  const drawn = new Set(edges.flatMap(({ from, to }) => [from, to]))
  if (drawn.size > MOST_NODES || edges.length > MOST_EDGES) {
    const size = `${counted(drawn.size, 'asset')} and ${counted(edges.length, 'edge')}`
    return `The lineage is not drawn: ${size} are more than a drawing can show (${MOST_NODES} and ${MOST_EDGES}).`
  }
  const nodes = assets.filter((asset) => drawn.has(asset))
  const alone = assets.length - nodes.length
  const note =
    alone === 0
      ? ''
      : `\n\n${counted(alone, 'affected asset')} ${alone === 1 ? 'stands alone and is' : 'stand alone and are'} not drawn.`
  const { heading, remark } = SECTIONS.lineage
  const drawing = block(draw(nodes, edges), 'mermaid')
  return details(`<b>${heading}</b>${remark}`, `${drawing}${note}`)
}

/** From each asset to those that wait for it, or that came to depend on it or no longer do. */
function edgesOf(assets: readonly ReportAsset[]): Edge[] {
  const byId = new Map(assets.map((asset) => [keyId(asset.key), asset]))
  const edges = (to: ReportAsset, keys: readonly AssetKey[], what: Edge['what']): Edge[] =>
    keys.flatMap((key) => {
      const from = byId.get(keyId(key))
      return from === undefined || from === to ? [] : [{ from, to, what }]
    })
  return assets.flatMap((asset) => [
    ...edges(asset, asset.waitsFor, asset.confidence === 'possible' ? 'possible' : 'expected'),
    ...edges(asset, asset.parents.added, 'new dependency'),
    ...edges(asset, asset.parents.removed, 'removed dependency'),
  ])
}

function draw(nodes: readonly ReportAsset[], edges: readonly Edge[]): string {
  const ids = new Map(nodes.map((node, index) => [node, `n${index}`]))
  const names = shortNames(nodes)
  return [
    'flowchart LR',
    ...nodes.map((node) => {
      const label = `${quoted(names.get(node) ?? '')} · ${stateText(node)}`
      return `  ${ids.get(node)}["${label}"]:::${node.status}`
    }),
    ...edges.map(({ from, to, what }) => `  ${ids.get(from)} ${ARROWS[what]} ${ids.get(to)}`),
    // Line styles, not colours: they show in light and dark, and to everyone.
    '  classDef unsynced stroke-width:3px',
    '  classDef new stroke-width:1px',
    '  classDef afterUpstream stroke-width:1px,stroke-dasharray:4 3',
    '  classDef removed stroke-width:1px,stroke-dasharray:1 4',
  ].join('\n')
}

const ARROWS: Readonly<Record<Edge['what'], string>> = {
  expected: '-->',
  possible: '-.->',
  'new dependency': '-->|new dependency|',
  'removed dependency': '-.->|removed dependency|',
}

function stateText({ status, confidence }: ReportAsset): string {
  switch (status) {
    case 'unsynced':
      return 'on deploy'
    case 'afterUpstream':
      return confidence === 'possible' ? 'after upstream, possibly' : 'after upstream'
    case 'new':
      return 'new'
    case 'removed':
      return 'removed'
  }
}

/** The last segment of each key, or the whole key where several end in the same one. */
function shortNames(nodes: readonly ReportAsset[]): ReadonlyMap<ReportAsset, string> {
  const lastOf = (node: ReportAsset) => node.key.at(-1) || keyText(node.key)
  const counts = new Map<string, number>()
  for (const node of nodes) counts.set(lastOf(node), (counts.get(lastOf(node)) ?? 0) + 1)
  return new Map(
    nodes.map((node) => {
      const name = (counts.get(lastOf(node)) ?? 0) > 1 ? keyText(node.key) : lastOf(node)
      return [node, shorten(name, MOST_LABEL)]
    }),
  )
}

/** Text of a mermaid label: all but plain characters as `#code;`, mermaid's own escape. */
function quoted(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\p{L}\p{N}_./ …(),-]/gu, (char) => `#${char.codePointAt(0)};`)
}
