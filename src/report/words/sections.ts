import { counted } from '../markdown/markdown.ts'
import type { Report, ReportAsset } from '../model.ts'
import { keyText } from '../presentation.ts'
import type { RowList, Rows } from '../rows.ts'
import { causesNamed } from './causes.ts'
import { formattingAdvice, upgradeAdvice } from './sentences.ts'
import { firstFew, type TextStyle } from './textStyle.ts'
import { firstVersionsStatement } from './wiringText.ts'

/** What each status is called above a number or a list. */
export const STATUS_LABELS: Readonly<Record<ReportAsset['status'], string>> = {
  unsynced: 'Unsynced on deploy',
  afterUpstream: 'After upstream',
  new: 'New',
  removed: 'Removed',
}

/** Without a code version Dagster shows nothing, so that what becomes unsynced is a matter of wiring. */
export function unsyncedLabel({ integration }: Pick<Report, 'integration'>): string {
  return integration.wired === 'no' ? 'Unsynced once wired' : STATUS_LABELS.unsynced
}

/** What is told of each row besides its name and its kind. */
export type Fact = 'why' | 'knockOn' | 'wait' | 'change'

/** What a row waits for, in plain text. */
export function waitText({ waitsFor, wave, confidence }: ReportAsset): string {
  return `waits for ${firstFew(waitsFor.map(keyText), 3)} · ${counted(wave, 'hop')} · ${confidence}`
}

/** Assets under a heading of their own. */
export type RowsSection = {
  readonly shape: 'rows'
  readonly rows: (rows: Rows) => readonly ReportAsset[]
  readonly heading: (rows: Rows, report: Report) => Heading
  readonly facts: readonly Fact[]
  /** In markdown the first rows are open, all are folded, or they are folded with the section before. */
  readonly layout: 'open' | 'folded' | 'joined'
  /** What holds of each row; in a document with tables it is said once, of all. */
  readonly note: { readonly one: string; readonly all: string } | null
}

export type Heading = {
  readonly title: string
  /** How many assets it is about, where that is more than are listed below it. */
  readonly count?: number
  readonly remark?: string
}

const titled =
  (title: string, remark = '') =>
  (): Heading => ({ title, remark })

/** Assets of which one sentence says all. */
export type SentenceSection = {
  readonly shape: 'sentence'
  readonly rows: (rows: Rows) => readonly ReportAsset[]
  readonly text: (rows: Rows) => string | null
}

/** Unsynced assets by what several have in common, where there is no room for each. */
export type GroupsSection = {
  readonly shape: 'groups'
  /** null where it stands open, without a heading. */
  readonly heading: string | null
  readonly noun: string
  readonly namesOf: (row: ReportAsset) => readonly string[]
  /** Whether the names are the project's, to be shown as they are written. */
  readonly literal: boolean
}

export type WarningsSection = {
  readonly shape: 'warnings'
  readonly texts: (rows: Rows, report: Report, style: TextStyle) => readonly string[]
}

/** Drawn by a function of its own in each document that has room for it. */
export type HeadedSection = {
  readonly shape: 'diffs' | 'drawing' | 'steps' | 'notes'
  readonly heading: string
  readonly remark: string
}

export type Section =
  | RowsSection
  | SentenceSection
  | GroupsSection
  | WarningsSection
  | HeadedSection

type SectionName =
  | RowList
  | 'causes'
  | 'schemas'
  | 'advice'
  | 'texts'
  | 'lineage'
  | 'steps'
  | 'notes'

/** What the documents about a comparison are made of, in their order. A document leaves out what it has no room for. */
export const SECTIONS = {
  causes: {
    shape: 'groups',
    heading: null,
    noun: 'cause',
    namesOf: causesNamed,
    literal: false,
  },
  changed: {
    shape: 'rows',
    rows: ({ changed }) => changed,
    heading: ({ changed, upgraded, first }, report) => {
      const title = unsyncedLabel(report)
      const count = changed.length + upgraded.length + first.length
      if (upgraded.length === 0) return { title, count }
      return changed.length === 0
        ? { title, count, remark: ', all by the upgrade' }
        : { title: `${title} by changed files` }
    },
    facts: ['why', 'knockOn'],
    layout: 'open',
    note: null,
  },
  first: {
    shape: 'sentence',
    rows: ({ first }) => first,
    text: firstVersionsStatement,
  },
  upgraded: {
    shape: 'rows',
    rows: ({ upgraded }) => upgraded,
    heading: titled('Unsynced by the SQLMesh upgrade, file unchanged'),
    facts: ['knockOn'],
    layout: 'folded',
    note: null,
  },
  following: {
    shape: 'rows',
    rows: ({ following }) => following,
    heading: titled('After upstream materializes', ', a prediction'),
    facts: ['wait'],
    layout: 'folded',
    note: null,
  },
  added: {
    shape: 'rows',
    rows: ({ added }) => added,
    heading: titled(STATUS_LABELS.new),
    facts: ['change'],
    layout: 'folded',
    note: {
      one: 'Never materialized until its first run, which is not Unsynced',
      all: 'What is new shows as never materialized until its first run, which is not Unsynced.',
    },
  },
  removed: {
    shape: 'rows',
    rows: ({ removed }) => removed,
    heading: titled(STATUS_LABELS.removed),
    facts: ['change'],
    layout: 'joined',
    note: {
      one: 'Gone from the definitions',
      all: 'What is removed is gone from the definitions; its history stays in Dagster.',
    },
  },
  schemas: {
    shape: 'groups',
    heading: 'By schema',
    noun: 'schema',
    namesOf: ({ key }) => [keyText(key.slice(0, -1))],
    literal: true,
  },
  advice: {
    shape: 'warnings',
    texts: (rows, report, style) =>
      [upgradeAdvice(rows.upgraded, report, style), formattingAdvice(rows, report, style)].filter(
        (text) => text !== null,
      ),
  },
  texts: { shape: 'diffs', heading: 'What changed', remark: ': text and code versions' },
  lineage: { shape: 'drawing', heading: 'Lineage', remark: ': changed assets and what follows' },
  steps: { shape: 'steps', heading: 'After merge', remark: '' },
  notes: { shape: 'notes', heading: 'Notes', remark: '' },
} as const satisfies Readonly<Record<SectionName, Section>>

/** Name by name, in their order. */
export const SECTION_LIST: readonly (readonly [SectionName, Section])[] = Object.entries(
  SECTIONS,
) as [SectionName, Section][]

/** Every asset of a report once, in the order of the documents, with the section that it is in. */
export function listedRows(
  rows: Rows,
): readonly { readonly row: ReportAsset; readonly section: RowsSection | SentenceSection }[] {
  return SECTION_LIST.flatMap(([, section]) =>
    'rows' in section ? section.rows(rows).map((row) => ({ row, section })) : [],
  )
}
