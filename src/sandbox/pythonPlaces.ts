import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { names, real } from './comparePaths.ts'

/** The folder above the one that a program lies in. */
const above = (file: string) => path.dirname(path.dirname(file))

/**
 * The same interpreter without `..` and links in the path of its folder. The file itself may be a link: in
 * a virtual environment it leads to the Python that the environment was made with.
 *
 * @returns null where there is no such folder
 */
export function resolvedPython(python: string): string | null {
  const folder = real(path.dirname(python))
  return folder === null ? null : path.join(folder, path.basename(python))
}

/** The environment that a resolvedPython interpreter belongs to: a virtual one, or a whole Python; null for none. */
export function environmentOf(python: string): string | null {
  const folder = above(python)
  return existsSync(path.join(folder, 'pyvenv.cfg')) || hasLibrary(folder) ? folder : null
}

/**
 * Where the files of a Python's environment are, and of the Python that it was made with. Paths may be the
 * pull request's to choose, and so may what a virtual environment says of itself: only folders with
 * Python's library in them count besides.
 *
 * @returns without links; none for what belongs to no environment
 */
export function placesOfPython(python: string): readonly string[] {
  const file = resolvedPython(python)
  const environment = file === null ? null : environmentOf(file)
  if (file === null || environment === null) return []
  const home = homeOfVenv(environment)
  const programs = [real(file), home === null ? null : path.join(home, 'python')]
  const bases = programs.filter((program) => program !== null).map(above)
  const whole = bases.filter(hasLibrary).flatMap((base) => real(base) ?? [])
  return [...new Set([environment, ...whole])]
}

/** A program that belongs to no environment, such as a script that starts one's: itself, and what it leads to. */
export function loneProgram(program: string): readonly string[] {
  const file = resolvedPython(program)
  if (file === null || environmentOf(file) !== null) return []
  return [file, ...(real(file) === null ? [] : [real(file) as string])]
}

/** The `home` of pyvenv.cfg: the folder of the Python that a virtual environment was made with. */
function homeOfVenv(venv: string): string | null {
  try {
    const text = readFileSync(path.join(venv, 'pyvenv.cfg'), 'utf8')
    return /^home\s*=\s*(\/.*?)\s*$/m.exec(text)?.[1] ?? null
  } catch {
    // It is no virtual environment.
    return null
  }
}

function hasLibrary(base: string): boolean {
  return ['lib', 'lib64'].some((lib) =>
    names(path.join(base, lib)).some(
      (name) => /^(python|pypy)3/.test(name) && existsSync(path.join(base, lib, name, 'os.py')),
    ),
  )
}
