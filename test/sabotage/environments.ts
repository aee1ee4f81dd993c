import type { Defence } from './defence.ts'

const watch = 'test/interpreter/installObservation.real.test.ts'
const installers = 'src/interpreter/knownInstallers.ts'
const installersTest = 'test/interpreter/installers.test.ts'
const reads = 'src/interpreter/installReads.ts'
const formats = 'test/interpreter/formats.test.ts'
const pins = 'src/interpreter/pins.ts'
const pinsTest = 'test/interpreter/pins.test.ts'
const said = 'test/report/pins.test.ts'

export const environments: readonly Defence[] = [
  {
    name: 'an installation that could read any file is made for each commit',
    file: 'src/interpreter/environments.ts',
    take: "if (reads?.kind !== 'files') return side",
    put: "if (reads?.kind !== 'files') return dependencyKey(files)",
    test: 'test/interpreter/environments.real.test.ts',
    only: 'runs for each commit where it could read any file',
  },
  {
    name: 'what an installation could read is loaded anew',
    file: 'src/scope/compareInstalls.ts',
    take: "if (reads.kind === 'anything')",
    put: "if (reads.kind === 'anything' && install === '')",
    test: 'test/scope/compareInstalls.real.test.ts',
  },
  {
    name: 'what an installation reads is seen',
    file: 'src/interpreter/installObservation.ts',
    take: 'const [first] = await read()',
    put: 'const [first] = (await read()).slice(99)',
    test: watch,
    only: 'a file is read',
  },
  {
    name: 'where the reads of an installation leave no trace it is made for each commit',
    file: 'src/interpreter/installObservation.ts',
    take: 'let tested = false',
    put: 'let tested = true',
    test: watch,
    only: 'where reads leave no trace',
  },
  {
    name: 'an installation that writes to the commit’s files is made for each',
    file: 'src/interpreter/installObservation.ts',
    take: "(kind === 'folder' || now.changed === changed)",
    put: "(kind === 'folder' || now.changed >= changed)",
    test: watch,
    only: 'another file is written',
  },
  {
    name: 'what an installation may look for makes it one for each commit',
    file: 'src/scope/compareInstalls.ts',
    take: "return status === 'modified' &&",
    put: "return status !== 'modified' ||",
    test: 'test/scope/compareInstalls.real.test.ts',
  },
  {
    name: 'what an installation leaves beside the files is there for head',
    file: 'src/check/observeReads.ts',
    take: 'await trees.share(seen.left)',
    put: 'await trees.share([])',
    test: 'test/e2e/installs.test.ts',
    only: 'what it leaves',
    built: true,
  },
  {
    name: 'it is there after files were written anew',
    file: 'src/git/trees.ts',
    take: '    if (existsSync(shared)) {',
    put: '    if (!existsSync(home)) {',
    test: 'test/e2e/installs.test.ts',
    only: 'is there after its code was run once',
    built: true,
  },
  {
    name: 'the times of a file are set by nobody else',
    file: 'src/interpreter/accessTimes.ts',
    take: 'const kept = changed === null || now?.ctimeNs === changed',
    put: 'const kept = true',
    test: watch,
    only: 'the time of a read is set back',
  },
  {
    name: 'a program that is not known could read any file',
    file: installers,
    take: "throw new NotUnderstood(`\\`${words.slice(0, 2).join(' ')}\\` may read any file`)",
    put: 'return folder',
    test: installersTest,
  },
  {
    name: 'shell syntax is not looked through',
    file: 'src/interpreter/shellCommand.ts',
    take: 'else if (blank === undefined) return null',
    put: 'else if (blank === undefined) break',
    test: installersTest,
  },
  {
    name: 'what builds a package of the repository could read any file',
    file: reads,
    take: 'if (local.length > 0)',
    put: 'if (local.length < 0)',
    test: installersTest,
  },
  {
    name: 'a variable can lead an installer to other files',
    file: installers,
    take: 'if (steering !== null)',
    put: 'if (steering === undefined)',
    test: installersTest,
  },
  {
    name: 'python -m imports from the folder first',
    file: installers,
    take: 'await refuseModules(folder, reading)',
    put: '',
    test: installersTest,
  },
  {
    name: 'what does not parse is not nothing',
    file: 'src/interpreter/formats/formats.ts',
    take: 'return contents({ unread: (thrown as Error).message })',
    put: 'return contents({ unread: thrown === null ? null : null })',
    test: formats,
  },
  {
    name: 'dependencies that a program tells are not none',
    file: 'src/interpreter/formats/pyproject.ts',
    take: 'return contents({ unread: `its ${key} are dynamic: a program tells them` })',
    put: 'return contents({})',
    test: formats,
  },
  {
    name: 'text in YAML is bounded',
    file: 'src/interpreter/formats/parseDocuments.ts',
    take: 'if (text.length > LARGEST_YAML)',
    put: 'if (text.length < 0)',
    test: formats,
  },
  {
    name: 'a file that differs and cannot be read may pin another version',
    file: pins,
    take: "if (!sameUnread(base.unread, head.unread)) return 'maybe'",
    put: '',
    test: pinsTest,
  },
  {
    name: 'one version from two places is not the same',
    file: pins,
    take: "return sourcesOf(base) === sourcesOf(head) ? 'no' : 'maybe'",
    put: "return 'no'",
    test: pinsTest,
  },
  {
    name: 'one Python is refused where it may not be both commits’',
    file: 'src/interpreter/unmetPins.ts',
    take: "(origin === 'installed' || !unknown)",
    put: "(origin !== 'given' || !unknown)",
    test: said,
  },
  {
    name: 'more dependency files than are read are not fewer',
    file: 'src/interpreter/dependencyFiles.ts',
    take: 'const read = full ? TOO_MANY : await readFile(source, next)',
    put: 'const read = full ? null : await readFile(source, next)',
    test: 'test/interpreter/dependencyFiles.test.ts',
  },
]
