import path from 'node:path'
import { Failure } from '../platform/failure.ts'
import { isInside } from './comparePaths.ts'
import { filesGiven, placesToHide, type Surroundings } from './hiddenPlaces.ts'
import { foldersOfPrograms } from './programs.ts'
import { commandLine, type Trial, type Way } from './sandboxWays.ts'
import { shownPlaces } from './shownPlaces.ts'

/**
 * What keeps loaded code from the runner: `namespaces` (a sandbox of its own), `landlock` (rules on what it
 * may open and reach), `environment` (it is only not given anything), `off`.
 */
export type Level = 'namespaces' | 'landlock' | 'environment' | 'off'

/** What one command needs of the machine. */
export type Needs = {
  /** Absolute path of the interpreter that it starts; null = any of the system's programs. */
  readonly python: string | null
  /** Nobody has asked that interpreter yet: it may be a script that starts one. */
  readonly unasked?: boolean
  /** Where it looks for programs, as PATH has it; without it those of the system do. */
  readonly searchPath?: string
  /** Folders in those that it may write to that are none of its business. */
  readonly hide?: readonly string[]
  /** Folders that it reads, wherever they are. */
  readonly read: readonly string[]
  /** Folders that it may write to. */
  readonly write: readonly string[]
  /** A folder of its own for temporary files; null = none but in memory. */
  readonly tmp: string | null
  readonly network: boolean
}

/** Turns a command line into one that runs the same in a sandbox. `note`: see `Furnishing`. */
export type Confine = (command: readonly string[], note: number | null) => readonly string[]

/** How this run's loads are kept to themselves. */
export type Isolation = {
  readonly level: Level
  /** One line for people: what that means for the loaded code, and why it is no more. */
  readonly text: string
  /** Whether loads have a network: not unless they are given a variable, which is for something to talk to. */
  readonly network: boolean
  /** @throws Failure `isolation` where that would show what is hidden from everybody */
  readonly sandbox: (needs: Needs) => Confine
  /**
   * Why a Python cannot be shown to loaded code; null where it can, or need not be shown.
   *
   * @param asked the interpreter of an environment that says it is this; null for a tool that names one
   */
  readonly whyHidden: (python: string, asked: string | null) => string | null
}

/** Values of the input `isolation`. */
export const ISOLATIONS = ['auto', 'required', 'off'] as const

/** A command line as it is: for programs that are trusted, and where there is nothing else. */
export const unconfined: Confine = (command) => command

/**
 * Decides how loads are kept to themselves.
 *
 * @param mode the input `isolation`
 * @throws Failure `isolation` where it is required and not to be had
 */
export function isolate(
  mode: (typeof ISOLATIONS)[number],
  { launcher, tried }: Trial,
  surroundings: Surroundings,
): Isolation {
  const { environment, workspace, given, gitFolders } = surroundings
  const open = { sandbox: () => unconfined, whyHidden: () => null }
  if (mode === 'off') return { level: 'off', text: OFF, network: true, ...open }
  const level = levelOf(launcher?.way ?? null)
  if (mode === 'required' && level === 'environment') throw unavailable(tried)
  const network = level === 'environment' || given.some((name) => environment[name])
  const text = `${textOf(level, tried, network)}${aboutUnread(surroundings)}`
  if (launcher === null) return { level, text, network, ...open }
  const hidden = placesToHide(surroundings)
  const { whyHidden, show } = shownPlaces(hidden, workspace)
  const files = filesGiven(surroundings, hidden)
  // Where a checkout is hidden as a whole, nothing of it is seen but what is named besides.
  const checkout = gitFolders.unread.includes(workspace) ? [] : [workspace]
  return {
    level,
    text,
    network,
    whyHidden,
    sandbox({ python, unasked = false, searchPath = '', hide = [], read, write, tmp, network }) {
      const programs = foldersOfPrograms(searchPath, ['/tmp', ...hidden.sealed, ...hidden.covers])
      const resolver = network ? ['/run/systemd/resolve'] : []
      const others = [...checkout, ...read, ...programs, ...files, ...resolver]
      const places = show(others, python === null ? null : { python, unasked })
      const plan = { ...places, hide: [...places.hide, ...hide] }
      return (command, note) =>
        commandLine(launcher, { ...plan, write, tmp, network, note }, command)
    },
  }
}

const OFF =
  'Isolation: off. The loaded code got no token, but could read and write what this user can.'

function levelOf(way: Way | null): Level {
  if (way === null || way === 'limits') return 'environment'
  return way === 'landlock' ? 'landlock' : 'namespaces'
}

function textOf(level: Level, tried: readonly string[], network: boolean): string {
  const kept = `no credential or file of the runner, wrote to nothing but its own copy${network ? '' : ', and had no network'}`
  const why = `because there is no ${tried.join(', and no ')}`
  switch (level) {
    case 'namespaces':
      return `Isolation: namespaces. The loaded code saw no other process, ${kept}.`
    case 'landlock':
      return `Isolation: Landlock. The loaded code could open no other process, ${kept}.`
    default:
      return `Isolation: environment only. The loaded code got no token, but could read and write what this user can, ${why}.`
  }
}

/** Said of the checkout alone: the runner's folder for temporary files is hidden anyway. */
function aboutUnread({ workspace, gitFolders }: Surroundings): string {
  const places = gitFolders.unread
    .filter((place) => isInside(place, workspace))
    .map((place) => path.relative(workspace, place) || 'the checkout')
  if (places.length === 0) return ''
  return ` Too many files to look for git’s folders in, so that all was hidden: ${places.join(', ')}.`
}

function unavailable(tried: readonly string[]): Failure {
  return new Failure(
    'isolation',
    `Input \`isolation\` is required, but the loads cannot be isolated here: there is no ${tried.join(', and no ')}.`,
    {
      hint: 'Run the job on a Linux runner that allows namespaces or has Landlock, or set `isolation: auto` where it does not matter what the loaded code can read.',
    },
  )
}
