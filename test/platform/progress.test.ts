import { expect, test } from 'vitest'
import { liveProgress, plainProgress, timed } from '../../src/platform/progress.ts'

test('a log gets one line when a stage ends, however it ends', async () => {
  const lines: string[] = []
  const stage = plainProgress((line) => lines.push(line))

  expect(await stage('git', 'Reading', async () => 7)).toBe(7)
  await expect(stage('base', 'Loading', () => Promise.reject(new Error('broken')))).rejects.toThrow(
    'broken',
  )

  expect(lines).toEqual([
    expect.stringMatching(/^Reading: \d+\.\d s$/),
    expect.stringMatching(/^Loading: failed after \d+\.\d s$/),
  ])
})

test('a terminal sees how far a stage is, and then nothing of it', async () => {
  let shown = ''
  const stage = liveProgress((text) => {
    shown += text
  })

  await stage('head', 'Loading head', async (tell) => {
    tell('340 of 1000 SQL files')
    await new Promise((resolve) => setTimeout(resolve, 250))
  })

  expect(shown).toContain('Loading head: 340 of 1000 SQL files')
  expect(shown.endsWith('\r\u001b[K')).toBe(true)
})

test('the last line says where the time went, also of what failed', async () => {
  const { stage, summary } = timed((_, __, work) => work(() => {}))
  const wait = () => new Promise<void>((resolve) => setTimeout(resolve, 120))

  await stage('git', 'Finding', wait)
  await stage('git', 'Reading', wait)
  await stage('base', 'Loading', () => Promise.reject(new Error('broken'))).catch(() => {})

  expect(summary()).toMatch(/^git 0\.[2-9] s · base 0\.0 s$/)
})
