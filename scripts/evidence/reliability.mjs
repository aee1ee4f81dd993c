/**
 * `npm run reliability`: has the tests count what was tried against a check, takes each defence away
 * (sabotage.mjs), changes the pure modules (mutation.mjs), and writes what came of it to
 * docs/evidence/reliability.md. A test that fails or that did not count is an error, not a missing line;
 * `-- --no-run` writes what was counted last.
 */
import { writeFileSync } from 'node:fs'
import { machine, release, type, userInfo } from 'node:os'
import { join } from 'node:path'
import { root, underNode24 } from '../dependencies.mjs'
import { countAnew, counted, countedIfPossible, runScript, table } from './counted.mjs'

const suites = ['test/git', 'test/github', 'test/hostile', 'test/e2e/cancel.test.ts']

const number = (count) => count.toLocaleString('en')

/** What was tried, how often, and what came of it, which the tests ask for. */
function trials() {
  const [traps, refs, trees] = ['traps', 'refs', 'trees'].map(counted)
  const [log, faults, endings] = ['log', 'faults', 'endings'].map(counted)
  const [interleavings, processes] = ['interleavings', 'processes'].map(counted)
  return [
    [
      'Settings, hooks and attributes of a repository with which plain git runs a program',
      traps.traps,
      'no program ran when a check used git',
    ],
    [
      'Names for branches and commits that look like options, refspecs or commands',
      `${refs.names}, looked for in ${number(refs.runs)} ways`,
      'no program ran, no ref moved, no other commit was found',
    ],
    [
      'Odd trees: links that lead out, `.GIT`, names that are not UTF-8, replaced objects, pointers of Git LFS',
      trees.trees,
      'written as the commit has them, or an error that names the side',
    ],
    [
      'Printed lines that hold a command of the runner, in both of its grammars',
      `${number(log.lines)}, and ${number(log.texts)} random texts in random chunks`,
      'the runner’s parser found no command',
    ],
    [
      'Faults of GitHub’s API: every kind at every call, once and for ever, the write done or not',
      `${number(faults.runs)} runs, ${faults.kinds} kinds`,
      'the verdict stayed, the end was within two minutes, no comment came twice',
    ],
    [
      'Orders in which runs of one pull request can meet, drawn by a scheduler',
      number(interleavings.played),
      `one comment each, no stale one; ${number(interleavings.outdated)} say that they are outdated`,
    ],
    [
      'Runs of one pull request at once, as real processes',
      `${number(processes.processes)} in ${number(processes.rounds)} rounds`,
      `one comment each, no stale one; ${number(processes.outdated)} say that they are outdated`,
    ],
    [
      'Result × comment × policy × acceptance',
      `${number(endings.cells)}, which is all`,
      'green only where it has to be; an error never is',
    ],
    [
      'Checks that were cancelled or killed half-way',
      counted('cancellations').runs,
      'nothing was left, none was green, the next one was clean',
    ],
  ]
}

const MODES = [
  ['namespaces, made by the superuser', 'superuser', 'namespaces'],
  ['namespaces, made by a user', 'user', 'namespaces of a user'],
  ['Landlock', 'landlock', 'landlock'],
  ['environment only', 'environment', 'environment'],
  ['off', 'off', 'off'],
]

function isolation() {
  const rows = MODES.map(([name, attempts, endings]) => {
    const tried = countedIfPossible(`hostile-attempts-${attempts}`)
    const ended = countedIfPossible(`hostile-endings-${endings}`)
    const held = ended && `${ended.leaks}, ${ended.executed}, ${ended.failOpen}`
    const known = tried && `${tried.succeeded.length} of ${tried.attempts}`
    return [name, known ?? '–', ended?.cases ?? '–', held ?? '–']
  })
  const header = ['loads are kept apart by', 'attempts that succeed', 'hostile loads']
  return table([...header, 'leaks, commands carried out, green ones'], rows)
}

function defencesTable({ rooms }) {
  const all = { place: '**all**', tried: 0, caught: 0 }
  for (const { tried, caught } of rooms) {
    all.tried += tried
    all.caught += caught
  }
  const rows = [...rooms, all].map(({ place, tried, caught }) => [place, tried, caught])
  return table(['defences of', 'taken away', 'noticed by their test'], rows)
}

/** Of each pure module how many of its changes a test noticed. */
function mutationTable() {
  const counts = counted('mutation')
  const sum = (key) => counts.reduce((total, file) => total + file[key], 0)
  const all = { file: null, noticed: sum('noticed'), unnoticed: sum('unnoticed') }
  const rows = [...counts, all].map(({ file, noticed, unnoticed }) => {
    const changes = noticed + unnoticed
    const score = `${((100 * noticed) / changes).toFixed(1)} %`
    return [file ? `\`${file}\`` : '**all**', changes, noticed, score]
  })
  return table(['module', 'changes', 'noticed', 'score'], rows)
}

const escaped = (text) => text.replaceAll('|', '\\|')

function document(defences) {
  const sabotage = counted('sabotage')
  const user = userInfo().uid === 0 ? 'the superuser' : 'a user'
  const lists = Object.entries(defences).map(([place, list]) => {
    const rows = list.map(({ name, file, test }) => {
      const outcome = sabotage.defences[name] === 'caught' ? '' : ' **not noticed**'
      return [escaped(name) + outcome, `\`${file}\``, `\`${test.replace(/^test\//, '')}\``]
    })
    return `### ${place}\n\n${table(['defence', 'where', 'test, in `test/`'], rows)}`
  })
  return `# How far it can be relied upon

Made by \`npm run reliability\`, which runs the tests that count, and takes each defence away. No number
is written by hand. Git, SQLMesh, processes, sockets and the kernel are real; GitHub is a local server that
keeps comments, labels and events, and fails as it is told to (\`test/helpers/github.ts\`).

## Is each defence tested?

A defence is some text of the source. Each is taken away alone, in a copy; the test that is named for it
passes before that, and has to fail after (\`test/sabotage/\`). [The list](#the-defences) is below.

${defencesTable(sabotage)}

## Is what decides tested?

The modules that decide, from values to values, are changed in one place at a time: a condition turned round, a branch
left out, a call that does nothing ([Stryker](https://stryker-mutator.io), all of its mutators but those of words, wherever a
function is changed). Only the pure tests are asked (\`test/mutation/vitest.config.ts\`), not Dagster, SQLMesh or the comment word by word.

${mutationTable()}

## What was tried against a check

${table(['what', 'how many', 'what came of it'], trials())}

## What isolation did

On ${type()} ${release().split('.').slice(0, 2).join('.')} (${machine()}), as ${user}. *Attempts* is one project that tries to
read the action's variables, memory and files, to write to the runner's, to reach the network and other
processes, and to outlive its load. *Hostile loads* end early, forge or flood their answer, print commands, fill
disks and memory; each goes through the built action, and what leaks is a secret of the job in a log, summary,
output, report or comment.

${isolation()}

Where there is a – it was not run, or could not be made here. With Landlock what succeeds is to see which programs
run, since command lines are for everybody to read. With the environment alone, or nothing, a load can do what the runner's user can; [isolation.md](../isolation.md) says
when that is.

## What was not tried

- GitHub itself: its runners, its API and GitHub Enterprise Server are played by the tests, as their documentation
  and source have them. The workflows run in [act](https://github.com/nektos/act).
- The \`sudo\` of GitHub's runners: another program stands in for it.
- Linux on aarch64, distributions with musl, macOS and Windows; kernels other than the one above.
- \`release.yml\`: its steps are tested one by one, and no release was made by it.
- Changes of the source other than those below, outside of the pure modules.

That loaded code lies about its own hashes cannot be prevented by any of this
([isolation.md](../isolation.md#what-nothing-of-this-does)).

## The defences

${lists.join('\n\n')}
`
}

async function main() {
  if (!process.argv.includes('--no-run')) {
    countAnew(suites, { UNSYNCED_LONG: '1' })
    runScript('scripts/evidence/sabotage.mjs')
    runScript('scripts/evidence/mutation.mjs')
  }
  const { defences } = await import('../../test/sabotage/defences.ts')
  const text = document(defences)
  writeFileSync(join(root, 'docs', 'evidence', 'reliability.md'), text)
  console.log(text.slice(0, text.indexOf('## The defences')))
}

try {
  if (underNode24()) await main()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
