import { z } from 'zod'
import { DATA_VERSIONS } from '../dagster/dataVersions.ts'
import { INTEGRATION_NAMES } from '../dagster/integrations/registry.ts'
import { ISOLATIONS } from '../sandbox/sandbox.ts'
import {
  assetKey,
  COMMENT_MODES,
  dagsterToken,
  dagsterUrl,
  definitions,
  failOn,
  lines,
  MODES,
  oneOf,
  optional,
  projects,
  variableNames,
  wholeNumber,
} from './inputValues.ts'

/** All but `auto`. */
const NAMED_INTEGRATIONS = INTEGRATION_NAMES.slice(1)
  .map((name) => `\`${name}\``)
  .join(', ')

type InputRow = {
  /** What a Request calls it. */
  readonly field: string
  /** As the workflow would write it. */
  readonly default: string
  /** Takes the input's text. */
  readonly schema: z.ZodType<unknown, string>
  /** For who fills it in, in markdown. */
  readonly text: string
}

/**
 * Every input: what it is called in a Request, its default, what it may hold, and what it says to those who fill it in.
 * action.yml, the documents and the terminal's options are held to it.
 */
export const INPUTS = {
  project: {
    field: 'projects',
    default: '.',
    schema: projects,
    text: "SQLMesh project folders relative to the repository's root, one per line. Several lines make one multi-project context",
  },
  gateway: {
    field: 'gateway',
    default: '',
    schema: optional,
    text: "The SQLMesh gateway that the Dagster code location uses. It decides the catalog, so the asset keys. Default is the project's own",
  },
  python: {
    field: 'python',
    default: '',
    schema: optional,
    text: 'The interpreter, or a command line that runs one, in which the project loads, both commits alike. Default is the first with SQLMesh of VIRTUAL_ENV, .venv, python3, python',
  },
  install: {
    field: 'install',
    default: '',
    schema: optional,
    text: "Shell command that makes the project's environment in a copy of one commit, such as `uv sync --frozen`. It runs for each commit, or once for both where no file differs that it reads, so that each loads with the versions that it pins",
  },
  env: {
    field: 'env',
    default: '',
    schema: variableNames,
    text: 'Names of environment variables that the project needs while it is installed and loaded, one per line',
  },
  integration: {
    field: 'integration',
    default: 'auto',
    schema: oneOf(INTEGRATION_NAMES),
    text: `How models map to asset keys, one of \`auto\` (by what is installed), ${NAMED_INTEGRATIONS}`,
  },
  'asset-key': {
    field: 'assetKey',
    default: '',
    schema: assetKey,
    text: "Template of an asset key such as `{catalog}/{schema}/{name}`; sets `integration` to `custom`. Default is the integration's own",
  },
  definitions: {
    field: 'definitions',
    default: '',
    schema: definitions,
    text: "Python module (`pkg.definitions`) or file whose Dagster Definitions are loaded at both commits, with `:attribute` where it holds several. Keys, code versions and parents are then Dagster's own",
  },
  'data-version': {
    field: 'dataVersion',
    default: 'auto',
    schema: oneOf(DATA_VERSIONS),
    text: "What Dagster's data versions are, one of `auto` (what the integration does), `snapshot` (SQLMesh's snapshot version), `dagster` (Dagster's own)",
  },
  'dagster-url': {
    field: 'dagsterUrl',
    default: '',
    schema: dagsterUrl,
    text: "Address of a running Dagster, such as `https://acme.dagster.cloud/prod`. Adds what is already Unsynced, never materialized or running now, last materializations, and links to the assets' pages",
  },
  'dagster-token': {
    field: 'dagsterToken',
    default: '',
    schema: dagsterToken,
    text: 'Token for `dagster-url`, from a secret. Dagster+ needs one; a Dagster without a login needs none',
  },
  'fail-on': {
    field: 'failOn',
    default: 'none',
    schema: failOn,
    text: 'What turns the check red, apart from an error; one or more of `none`, `unsynced`, `incremental`, `formatting`, `dependencies`, `removed`',
  },
  'accept-label': {
    field: 'acceptLabel',
    default: 'unsynced-ok',
    schema: z.string().trim().max(50, 'is longer than a label can be'),
    text: 'A label with which a maintainer accepts exactly the change set that the comment shows',
  },
  comment: {
    field: 'comment',
    default: 'changes',
    schema: oneOf(COMMENT_MODES),
    text: 'When to comment on the pull request, one of `changes` (never before there is something to say, then kept true), `always`, `never`',
  },
  'comment-key': {
    field: 'commentKey',
    default: '',
    schema: optional,
    text: 'Tells several comments of one pull request apart. Default is `project`, `gateway`, `definitions` and `integration` as the workflow has them',
  },
  base: {
    field: 'base',
    default: '',
    schema: optional,
    text: 'The commit to compare with. Default is what the event says',
  },
  head: {
    field: 'head',
    default: '',
    schema: optional,
    text: 'The commit to judge. Default is what the event says',
  },
  'pull-request': {
    field: 'pullRequest',
    default: '',
    schema: optional.pipe(wholeNumber(1, 999_999_999).nullable()),
    text: 'Number of the pull request to comment on. Default is what the event says',
  },
  timeout: {
    field: 'timeoutSeconds',
    default: '600',
    schema: z.string().trim().pipe(wholeNumber(1, 21_600)),
    text: "Seconds that one commit's load, and its installation, may each take",
  },
  isolation: {
    field: 'isolation',
    default: 'auto',
    schema: oneOf(ISOLATIONS),
    text: "What keeps the loaded code from tokens and the runner's files, one of `auto` (as much as the runner allows), `required` (an error where it allows nothing), `off`",
  },
  mode: {
    field: 'mode',
    default: 'check',
    schema: oneOf(MODES),
    text: '`check` (all in one job), `compute` (compare and write the JSON report, without token or GitHub call) or `report` (read the reports of earlier jobs, comment and judge; runs no project code)',
  },
  reports: {
    field: 'reports',
    default: '',
    schema: lines.pipe(z.array(z.string()).max(100, 'names more than 100 files')),
    text: 'With `mode: report`, the JSON reports of earlier jobs, one path per line; several become one comment',
  },
} as const satisfies Readonly<Record<string, InputRow>>

export type InputName = keyof typeof INPUTS

/** All inputs as they stand in the workflow or on the command line; what is not given is absent or "". */
export type RawInputs = Readonly<Partial<Record<InputName, string>>>

/** What each input has become, under the name of its field. */
export type InputValues = {
  readonly [Name in InputName as (typeof INPUTS)[Name]['field']]: z.output<
    (typeof INPUTS)[Name]['schema']
  >
}
