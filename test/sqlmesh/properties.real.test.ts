import { expect, test } from 'vitest'
import { LONG } from '../helpers/long.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { hashesOf, probed, stock } from './both.ts'
import { DIALECTS, propertyProject } from './propertyModels.ts'

/** Those of which fresh and pickled expressions differ most. */
const some = DIALECTS.filter((_, position) => LONG || position < 4)

test.each(some)('%s: expressions in properties have stock’s hashes', async (dialect) => {
  const source = { files: propertyProject(dialect) }
  const said = await stock(sqlmeshPython, source, 'schemas')
  expect(Object.keys(said).length).toBeGreaterThan(100)
  expect(hashesOf(await probed(sqlmeshPython, source))).toEqual(said)
})
