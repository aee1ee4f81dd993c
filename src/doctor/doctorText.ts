import { visible } from '../platform/text.ts'
import { pageFor, type Terminal } from '../report/terminal/terminalPage.ts'
import type { Finding } from './finding.ts'

const LABELS = { ok: 'ok', note: 'note', problem: 'PROBLEM' } as const

/** Findings for a terminal, and how many problems there are. */
export function doctorText(findings: readonly Finding[], terminal: Terminal): string {
  const page = pageFor(terminal)
  const parts = findings.map(({ topic, level, found, fix, paste }) => {
    const [first = '', ...more] = found.split('\n')
    const label = `${LABELS[level]} · ${topic}: `
    const lines = [
      page.text(`${label}${first}`, 0, 2),
      ...more.map((line) => page.text(line, 2, 4)),
      ...(fix === null ? [] : [page.text(`→ ${fix}`, 2, 4)]),
      ...(paste === null ? [] : ['', ...paste.split('\n').map((line) => pasted(line)), '']),
    ]
    return lines.join('\n')
  })
  return `${[...parts, '', page.bold(verdictText(findings))].join('\n')}\n`
}

function pasted(line: string): string {
  return line === '' ? '' : `      ${visible(line)}`
}

function verdictText(findings: readonly Finding[]): string {
  const problems = findings.filter(({ level }) => level === 'problem').length
  if (problems === 0) return 'Nothing keeps this project from being checked.'
  return problems === 1 ? '1 problem.' : `${problems} problems.`
}

/** The same for programs: `{ schemaVersion, healthy, findings }`. */
export function doctorJson(findings: readonly Finding[]): string {
  const healthy = isHealthy(findings)
  return `${JSON.stringify({ schemaVersion: 1, healthy, findings }, null, 2)}\n`
}

export function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level !== 'problem')
}
