import path from 'node:path'
import { passedOn } from '../interpreter/variables.ts'

/** The environment of a load: what was allowed, nothing of the runner's tokens and settings. */
export function loadEnvironment(
  inherited: NodeJS.ProcessEnv,
  names: readonly string[],
  scratch: string,
): NodeJS.ProcessEnv {
  const named = Object.entries(inherited).filter(([name]) => names.includes(name))
  return {
    ...Object.fromEntries(named),
    ...passedOn(inherited),
    HOME: scratch,
    SQLMESH_HOME: path.join(scratch, 'sqlmesh'),
    SQLMESH__DISABLE_ANONYMIZED_ANALYTICS: 'true',
    // Sets used as constants in macros are hashed by their repr, whose order depends on this.
    PYTHONHASHSEED: '0',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUTF8: '1',
    TZ: 'UTC',
  }
}
