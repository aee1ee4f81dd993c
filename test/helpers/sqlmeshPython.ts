import { pythonWith, SQLMESH } from './python.ts'

/** Path of a Python with the SQLMesh of most tests. Only files that import this wait for it to be made. */
export const sqlmeshPython = await pythonWith('sqlmesh', SQLMESH)
