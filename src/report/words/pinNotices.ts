import type { Environments } from '../../interpreter/environments.ts'
import { NAMES, PINNED_NAMES, pinText, satisfies } from '../../interpreter/pins.ts'
import { unmetPins, unreadText } from '../../interpreter/unmetPins.ts'
import type { Side } from '../../platform/failure.ts'
import type { Manifest } from '../../sqlmesh/manifest.ts'
import type { Notice } from '../model.ts'

/** What the commits pin, where they were loaded with something else, or where it is not known. */
export function aboutPins(
  { origin, pins }: Pick<Environments, 'origin' | 'pins'>,
  base: Manifest | null,
  head: Manifest | null,
): Notice[] {
  const manifests = { base, head }
  const loaded = { base: base?.versions ?? null, head: head?.versions ?? null }
  const unmet = origin === 'given' ? unmetPins(pins, loaded, origin) : []
  if (unmet.length > 0) {
    const message = `${unmet.join(' ')} The input \`python\` names that Python: code versions that move with an upgrade are not listed. With the input \`install\` instead, each commit loads with its own versions.`
    return [{ level: 'warning', code: 'versions-differ', message }]
  }
  const sides = ['base', 'head'] as const
  const wrong = sides
    .map((side) => [side, wrongPins(pins, side, manifests[side])] as const)
    .filter(([, text]) => text !== '')
  const texts = new Set(wrong.map(([, text]) => text))
  const notInstalled = [...texts].map((text): Notice => {
    const commits = wrong.filter((one) => one[1] === text).map(([side]) => side)
    const who = commits.length === 2 ? 'Both commits pin' : `The ${commits[0]} commit pins`
    const message = `${who} ${text}, whose code versions may be others.`
    return { level: 'info', code: 'pin-not-installed', message }
  })
  return [...notInstalled, ...aboutUnread(pins)]
}

function wrongPins(pins: Environments['pins'], side: Side, manifest: Manifest | null): string {
  if (manifest === null) return ''
  const { versions } = manifest
  return PINNED_NAMES.filter((name) => satisfies(pins[side][name], versions[name]) === false)
    .map(
      (name) => `${NAMES[name]} ${pinText(pins[side][name])}, but the load used ${versions[name]}`,
    )
    .join(', and ')
}

/** Dependency files that could pin a version, and cannot be read. */
function aboutUnread(pins: Environments['pins']): Notice[] {
  const unread = unreadText({ base: pins.base.sqlmesh, head: pins.head.sqlmesh })
  if (unread === null) return []
  const message = `Which version of SQLMesh the commits ask for is not known, because of what cannot be read: ${unread}.`
  return [{ level: 'info', code: 'pin-unknown', message }]
}
