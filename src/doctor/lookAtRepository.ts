import { type Commits, isShallow, resolveCommits } from '../git/commits.ts'
import type { Comparison } from '../git/comparison.ts'
import { firstLine, type Git } from '../git/gitCommand.ts'
import { Failure } from '../platform/failure.ts'
import { type Finding, failed, note, ok, problem } from './finding.ts'

/** Whether the two commits can be compared. */
export async function examineRepository(
  git: Git,
  comparison: Comparison,
): Promise<{ readonly findings: readonly Finding[]; readonly commits: Commits | null }> {
  const shallow = await isShallow(git)
  const findings: Finding[] = []
  let commits: Commits | null = null
  try {
    commits = await resolveCommits(git, comparison)
    findings.push(comparedText(commits))
  } catch (error) {
    findings.push(unreachable(error, shallow))
  }
  if (shallow && commits !== null) {
    findings.push(
      note(
        'git',
        'This clone is shallow; what was missing was fetched from origin.',
        'Nothing, in a workflow. On a machine of your own `git fetch --unshallow` saves fetching each time.',
      ),
    )
  }
  const changed = await git(['status', '--porcelain', '--untracked-files=no'])
  if (changed !== '') {
    findings.push(
      note(
        'git',
        `${changed.split('\n').length} tracked files have changes that are not committed.`,
        'Only commits are compared: commit them to see what they do.',
      ),
    )
  }
  return { findings, commits }
}

function comparedText({ base, head }: Commits): Finding {
  const [from, to] = [base, head].map((commit) => commit.slice(0, 7))
  return base === head
    ? note('git', `Base and head are the same commit, ${to}.`, 'Give BASE to compare with another.')
    : ok('git', `Base ${from} and head ${to} can be compared.`)
}

function unreachable(error: unknown, shallow: boolean): Finding {
  if (error instanceof Failure) {
    const finding = failed('git', error)
    return shallow ? { ...finding, found: `This clone is shallow. ${finding.found}` } : finding
  }
  return problem(
    'git',
    `${shallow ? 'This clone is shallow. ' : ''}The commits could not be compared: ${firstLine(error)}`,
    'Check that origin can be reached, or run `git fetch --unshallow`.',
  )
}
