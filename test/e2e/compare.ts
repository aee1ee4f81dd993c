import { temporaryOrigin } from '../helpers/git.ts'
import type { Files } from '../helpers/project.ts'
import { runCli } from '../helpers/runner.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { rowText } from './edits/edit.ts'

type Notice = { readonly code: string; readonly message: string }

const isPossible = ({ confidence }: { readonly confidence: string }) => confidence === 'possible'

/** What the command says of two commits of a repository, in short. */
export async function compareBy(
  options: readonly string[],
  base: Files,
  head: Files,
  python = sqlmeshPython,
) {
  await using origin = await temporaryOrigin()
  await origin.commit(base, 'Base')
  await origin.commit(head, 'Head', 'feature')
  const cwd = await origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
  const given = [...options, '--python', python, '--format', 'json', 'origin/main']
  const { stdout } = await runCli(given, { cwd })
  const report = JSON.parse(stdout)
  return {
    result: report.result,
    rows: report.assets.map(rowText),
    possible: report.assets.filter(isPossible).map(rowText),
    notices: report.notices.map(({ code, message }: Notice) => `${code}: ${message}`),
  }
}
