import { expect, test } from 'vitest'
import { project, projectFolder } from '../helpers/project.ts'
import { COMMANDS, commandsIn } from '../helpers/runnerCommands.ts'
import { errorOutputs, openPullRequest } from './scenario.ts'

test('whatever a load prints, the runner carries out only what we say', async () => {
  const lines = COMMANDS.flatMap((name) => [`::${name} name=result::canary`, `x ##[${name}]canary`])
  const config = `import sys
for line in ${JSON.stringify(lines)}:
    print(line, line, sep="\\r")
    print(line, file=sys.stderr)
raise RuntimeError("enough")
`
  const head = { [`${projectFolder}/config.yaml`]: null, [`${projectFolder}/config.py`]: config }
  await using scenario = await openPullRequest({ base: project, head })

  const result = await scenario.run()

  expect(result).toMatchObject({ exitCode: 1, outputs: errorOutputs })
  expect(result.stdout).toContain('canary')
  const commands = [...commandsIn(result.stdout), ...commandsIn(result.stderr)]
  expect(commands.filter(({ data }) => data.includes('canary'))).toEqual([])
})
