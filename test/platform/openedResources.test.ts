import { expect, test } from 'vitest'
import { OpenedResources } from '../../src/platform/openedResources.ts'

function resources(closed: string[], broken: string | null = null) {
  return (name: string) => ({
    [Symbol.asyncDispose]: async () => {
      closed.push(name)
      if (name === broken) throw new Error(`${name} does not close`)
    },
  })
}

test('what was opened is closed in reverse, also where one of it does not close', async () => {
  const closed: string[] = []
  const make = resources(closed, 'b')
  const opened = new OpenedResources()
  for (const name of ['a', 'b', 'c']) opened.use(make(name))
  await expect(opened[Symbol.asyncDispose]()).rejects.toThrow('b does not close')
  expect(closed).toEqual(['c', 'b', 'a'])
})

test('what is moved is closed by whoever has it', async () => {
  const closed: string[] = []
  const opened = new OpenedResources()
  opened.use(resources(closed)('a'))
  const moved = opened.move()
  await opened[Symbol.asyncDispose]()
  expect(closed).toEqual([])
  await moved[Symbol.asyncDispose]()
  expect(closed).toEqual(['a'])
})
