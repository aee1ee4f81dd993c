import type { TestProject } from 'vitest/node'
import { pythonWith, SQLMESH } from './python.ts'

declare module 'vitest' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: vitest's own interface is extended here.
  export interface ProvidedContext {
    /** Path of a Python interpreter with SQLMesh: `inject('python')`. */
    python: string
  }
}

/** Makes the Python environment of the tests that load real projects; a second run finds it in .cache. */
export async function setup(project: TestProject): Promise<void> {
  project.provide('python', await pythonWith('sqlmesh', SQLMESH))
}
