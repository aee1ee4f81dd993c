import { Failure } from '../platform/failure.ts'
import { isInside, real } from './comparePaths.ts'
import { type GitFolders, gitFoldersIn } from './gitFolders.ts'
import type { Hidden } from './hiddenPlaces.ts'
import { environmentOf, loneProgram, placesOfPython, resolvedPython } from './pythonPlaces.ts'

type Interpreter = { readonly python: string; readonly unasked: boolean }

/** Which places have to be shown although something above them is hidden, and what is hidden in those. */
type ShowPlaces = {
  /** See `Isolation`. */
  readonly whyHidden: (python: string, asked: string | null) => string | null
  /**
   * @param places files and folders of the workflow's and of ours
   * @throws Failure `isolation` that names the place
   */
  readonly show: (
    places: readonly string[],
    interpreter: Interpreter | null,
  ) => { readonly show: readonly string[]; readonly hide: readonly string[] }
}

/**
 * Nothing that is shown is or lies in a sealed place. A Python's places can be the pull request's to name,
 * so that each of them has to be an environment, and none may be a hidden place itself. What is hidden
 * below a shown place stays hidden, also git's folders in an environment (`pip install -e git+…`).
 */
export function shownPlaces({ sealed, covers }: Hidden, workspace: string): ShowPlaces {
  const hide = [...sealed, ...covers]
  // A sandbox has a /tmp of its own.
  const isCovered = (place: string) => ['/tmp', ...hide].some((cover) => isInside(place, cover))
  const searched = new Map<string, GitFolders>()
  const gitIn = (place: string) => {
    const known = searched.get(place) ?? gitFoldersIn(place)
    searched.set(place, known)
    return known
  }

  const whySealed = (place: string): string | null => {
    const seal = sealed.find((one) => isInside(place, one))
    return seal === undefined ? null : `${place} lies in ${seal}, which is hidden from loaded code`
  }
  const whyNoEnvironment = (place: string): string | null => {
    if (place === '/tmp' || covers.includes(place)) return `${place} is hidden from loaded code`
    const crowded = gitIn(place).unread.length > 0
    return crowded ? `${place} holds more files than can be searched for git’s folders` : null
  }
  const whyHidden: ShowPlaces['whyHidden'] = (python, asked) => {
    const file = resolvedPython(python)
    if (file === null) return null
    const environment = environmentOf(file)
    if (environment === null && isCovered(file)) {
      return `${file} is hidden from loaded code, and in no environment`
    }
    const shown = placesOfPython(file).filter(isCovered)
    const why = firstOf(shown, (place) => whySealed(place) ?? whyNoEnvironment(place))
    if (why !== null || asked === null) return why
    const isOwn = file === resolvedPython(asked) || environment === environmentAt(asked)
    const isSystems = shown.length === 0 && !isInside(file, workspace) && isWhole(file)
    return isOwn || isSystems
      ? null
      : `it says that it is ${file}, which is not in its own environment`
  }
  const environmentsOf = ({ python, unasked }: Interpreter): readonly string[] => {
    const lone = unasked && loneProgram(python).length > 0
    const why = lone ? null : whyHidden(python, null)
    if (why !== null) throw refused(why)
    return placesOfPython(python).filter(isCovered)
  }

  return {
    whyHidden,
    show(places, interpreter) {
      const environments = interpreter === null ? [] : environmentsOf(interpreter)
      const lone = interpreter?.unasked === true ? loneProgram(interpreter.python) : []
      // By a link's name too, for whoever knows it by that.
      const led = places.flatMap((place) => [place, real(place)].filter((one) => one !== null))
      const wanted = [...new Set([...led, ...lone])].filter(isCovered)
      const why = firstOf(wanted, whySealed)
      if (why !== null) throw refused(why)
      const within = environments.flatMap((place) => gitIn(place).found)
      return { show: [...wanted, ...environments], hide: [...hide, ...within] }
    },
  }
}

/** A Python of the machine's: in an environment, perhaps by a link as in /usr/local/bin. */
function isWhole(file: string): boolean {
  return environmentOf(file) !== null || environmentOf(real(file) ?? file) !== null
}

/** The first answer that is one. */
function firstOf<T>(values: readonly T[], ask: (value: T) => string | null): string | null {
  for (const value of values) {
    const answer = ask(value)
    if (answer !== null) return answer
  }
  return null
}

/** Unlike any environment where there is none. */
function environmentAt(python: string): string {
  const file = resolvedPython(python)
  return (file === null ? null : environmentOf(file)) ?? ''
}

function refused(why: string): Failure {
  return new Failure(
    'isolation',
    `What has to be loaded cannot be shown to the loaded code: ${why}.`,
    {
      hint: 'Put the checkout and the Python that loads it where nothing is hidden: docs/isolation.md lists what is.',
    },
  )
}
