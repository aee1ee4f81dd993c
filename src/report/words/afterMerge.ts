import { publishedIntegration } from '../../dagster/integrations/registry.ts'
import { isIncomplete } from '../../dagster/unknownCatalogs.ts'
import { launchCommand, launchCommands, type Selections } from '../launchCommands.ts'
import { block, counted, details, thousands } from '../markdown/markdown.ts'
import type { Report, ReportAsset } from '../model.ts'
import { keyText, type Presentation } from '../presentation.ts'
import { FIRST_CODE_VERSION, SET_BY_DEFINITIONS } from '../report.ts'
import type { Rows } from '../rows.ts'
import { SECTIONS } from './sections.ts'
import { firstFew, MARKDOWN, type TextStyle } from './textStyle.ts'

/** One thing to do once the change is merged. */
export type Step = { readonly text: string; readonly commands: readonly string[] }

/** More commands than this nobody runs one after the other. */
const MOST_COMMANDS = 4

/** What to do after the merge, in this order; empty if nothing follows. */
export function stepsAfterMerge(
  { report, sources }: Presentation,
  rows: Rows,
  style: TextStyle,
): Step[] {
  const { changed, upgraded, first, following, added, removed } = rows
  const all = [...changed, ...upgraded, ...added, ...following]
  const selected = all.filter(({ partitions }) => partitions === null)
  const partitioned = [...all, ...first].filter(({ partitions }) => partitions !== null)
  const forwardOnly = changed.filter(({ model }) => sources.forwardOnly.has(model ?? ''))
  const steps = [
    [...changed, ...upgraded, ...added].some(hasOtherModel) ? planStep(report, style) : null,
    selected.length > 0 ? materializeStep(selected, style) : null,
    firstVersionsStep(first, report),
    partitioned.length > 0 ? backfillStep(partitioned, style) : null,
    about(forwardOnly, style, (names, one) => {
      return `${names} ${one ? 'is' : 'are'} forward-only: history is not rebuilt, and the next run clears the flag.`
    }),
    about(
      report.integration.wired === 'no' ? [] : changed.filter((row) => row.formattingOnly),
      style,
      (names, one) =>
        `${names} ${one ? 'changes' : 'change'} in formatting only: undo that before the merge, or materialize once to clear the flag.`,
    ),
    about(removed, style, (names, one) => {
      return `${names} ${one ? 'leaves' : 'leave'} the definitions: jobs, schedules and selections that name ${one ? 'it' : 'them'} need an edit. ${one ? 'Its' : 'Their'} history stays in Dagster.`
    }),
  ]
  return steps.filter((step) => step !== null)
}

/** Whether SQLMesh has anything to apply of it: a model that is new, or that changed. */
function hasOtherModel({ model, status, causes }: ReportAsset): boolean {
  const isChange = causes.some(({ detail }) => !OF_DEFINITIONS.includes(detail))
  return model !== null && (status === 'new' || isChange)
}

/** Causes of which SQLMesh knows nothing. */
const OF_DEFINITIONS: readonly string[] = [FIRST_CODE_VERSION, SET_BY_DEFINITIONS]

/** A materialized asset is green whether or not SQLMesh has deployed the change. */
function planStep({ integration }: Report, style: TextStyle): Step | null {
  const why = publishedIntegration(integration.name)?.whyPlanFirst ?? null
  if (why === null) return null
  const text = `Apply the SQLMesh plan first (${style.code('sqlmesh plan')}): ${why}.`
  return { text, commands: [] }
}

function materializeStep(selected: readonly ReportAsset[], style: TextStyle): Step {
  const has = (status: ReportAsset['status']) => selected.some((row) => row.status === status)
  const kinds = [
    has('unsynced') ? 'what changed' : '',
    has('new') ? 'what is new' : '',
    has('afterUpstream') ? 'what follows' : '',
  ].filter((kind) => kind !== '')
  const what = `Materialize ${firstFew(kinds, 3)}, ${counted(selected.length, 'asset')}`
  return launchStep(what, launchCommands(selected.map(({ key }) => key)), style)
}

/** A run takes one partition or, where the asset allows it, a range; `dg launch` refuses to start without. */
function backfillStep(rows: readonly ReportAsset[], style: TextStyle): Step {
  const [assets, their] = [counted(rows.length, 'asset'), rows.length === 1 ? 'its' : 'their']
  const what = `Launch a backfill of the partitions of ${assets}, of each after ${their} parents: Dagster’s pages offer those that are unsynced or missing, and a command takes one range of equal partitions`
  const { commands, unnameable } = launchCommands(rows.map(({ key }) => key))
  const ranged = commands.map((command) => `${command} --partition-range 'FIRST...LAST'`)
  return launchStep(what, { commands: ranged, unnameable }, style)
}

function launchStep(what: string, selections: Selections, style: TextStyle): Step {
  if (selections.commands.length > MOST_COMMANDS) {
    const text = `${what}. That is too many to select by hand: take the keys from the JSON report.`
    return { text: `${text}${unnameableText(selections, style)}`, commands: [] }
  }
  const inTurn = selections.commands.length > 1 ? ', one command after the other' : ''
  const colon = selections.commands.length === 0 ? '.' : ':'
  return {
    text: `${what}${inTurn}${unnameableText(selections, style)}${colon}`,
    commands: selections.commands,
  }
}

function unnameableText({ unnameable }: Selections, style: TextStyle): string {
  if (unnameable.length === 0) return ''
  const names = firstFew(
    unnameable.map((key) => style.code(keyText(key))),
    3,
  )
  const why = unnameable.some(isIncomplete)
    ? 'because the catalog in the key is not known here'
    : `because no selection can name ${unnameable.length === 1 ? 'it' : 'them'}`
  return `; ${names} can only be picked in Dagster’s pages, ${why}`
}

/** All assets of an integration get a code version at once, and a selection may name them all. */
function firstVersionsStep(all: readonly ReportAsset[], { integration }: Report): Step | null {
  const rows = all.filter(({ partitions }) => partitions === null)
  if (rows.length === 0) return null
  const selection = publishedIntegration(integration.name)?.selection ?? null
  const text = `Materialize once what gets its first code version, ${counted(rows.length, 'asset')}`
  if (selection !== null && rows.length === all.length)
    return { text: `${text}:`, commands: [launchCommand(selection)] }
  const { commands } = launchCommands(rows.map(({ key }) => key))
  return commands.length > MOST_COMMANDS
    ? { text: `${text}.`, commands: [] }
    : { text: `${text}:`, commands }
}

function about(
  rows: readonly ReportAsset[],
  style: TextStyle,
  say: (names: string, one: boolean) => string,
): Step | null {
  if (rows.length === 0) return null
  const names = firstFew(
    rows.map(({ key }) => style.code(keyText(key))),
    5,
  )
  return { text: say(names, rows.length === 1), commands: [] }
}

/** The steps as a folded list whose commands can be pasted; null if nothing follows. */
export function afterMergeSection(presentation: Presentation, rows: Rows): string | null {
  const steps = stepsAfterMerge(presentation, rows, MARKDOWN)
  if (steps.length === 0) return null
  const items = steps.map(({ text, commands }, index) => {
    const number = `${thousands(index + 1)}. `
    const blocks = commands.map((command) => indent(block(command, 'sh'), number.length))
    return [`${number}${text}`, ...blocks].join('\n\n')
  })
  return details(`<b>${SECTIONS.steps.heading}</b>`, items.join('\n'))
}

/** A block that belongs to an item of a list starts below its text. */
function indent(text: string, by: number): string {
  return text.replaceAll(/^/gm, ' '.repeat(by))
}
