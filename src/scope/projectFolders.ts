import { existsSync } from 'node:fs'
import path from 'node:path'

/**
 * File names that make a folder a SQLMesh project (`sqlmesh.core.config.loader.load_configs`). `dbt_project.yml` is
 * none of them: of a dbt project without one of these SQLMesh finds no configuration.
 */
const CONFIGURATIONS = ['config.yaml', 'config.yml', 'config.py', 'sqlmesh.yaml', 'sqlmesh.yml']

/** True for a path relative to a folder, if that file makes the folder a SQLMesh project. */
export function isConfiguration(path: string): boolean {
  return CONFIGURATIONS.includes(path)
}

/** Those of `projects` that exist in `tree`. A project may be added or removed by the change itself. */
export function projectsIn(tree: string, projects: readonly string[]): string[] {
  return projects.filter((project) =>
    CONFIGURATIONS.some((file) => existsSync(path.join(tree, project, file))),
  )
}
