import { thousands } from '../markdown/markdown.ts'

/**
 * A time of ISO 8601 as documents tell it: `2026-11-23T09:12:44Z` → `2026-11-23 09:12 UTC`. Dagster's
 * have fractions of a second, those of Gitea an offset from UTC.
 *
 * @returns null for anything else
 */
export function timeText(time: string): string | null {
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/
  const instant = form.test(time) ? Date.parse(time) : Number.NaN
  if (Number.isNaN(instant)) return null
  return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** `2 h 10 min`, `12 min`, `40 s`, `under 1 s`. */
export function durationText(seconds: number): string {
  if (!(seconds >= 1)) return 'under 1 s'
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  return rest === 0 ? `${thousands(hours)} h` : `${thousands(hours)} h ${rest} min`
}

/** How long before another time, both ISO 8601: `3 h ago`. */
export function agoText(at: string, asOf: string): string {
  const seconds = (Date.parse(asOf) - Date.parse(at)) / 1000
  // Two machines' clocks may differ a little.
  if (!(seconds >= 60)) return 'just now'
  const [minutes, hours, days] = [60, 3600, 86_400].map((unit) => Math.floor(seconds / unit))
  if (days && days >= 2) return `${thousands(days)} days ago`
  if (hours && hours >= 2) return `${hours} h ago`
  return `${minutes} min ago`
}
