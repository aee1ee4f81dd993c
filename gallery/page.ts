import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TIERS } from '../src/report/markdown/document.ts'
import { renderComments, renderSummaries } from '../src/report/markdown/several.ts'
import type { Presentation } from '../src/report/presentation.ts'
import { renderTerminal } from '../src/report/terminal/terminal.ts'
import { escapeHtml, githubHtml, terminalHtml } from './markdown.ts'

const modules = join(import.meta.dirname, 'node_modules')
const read = (...path: string[]) => readFileSync(join(modules, ...path), 'utf8')

/** A document of that many characters is as good as its first part to look at, and far quicker. */
const MOST_CHARACTERS = 300_000

/**
 * One page with every state of the report: as a comment in each tier, as a job summary, and in a
 * terminal. It stands alone: styles and scripts are inside.
 *
 * The address decides what is shown: `?theme=dark`, `?only=impact`, `?part=comment`, `?open` (folds).
 */
export function galleryPage(
  presentations: Readonly<Record<string, readonly Presentation[]>>,
): string {
  const states = Object.entries(presentations)
  const links = states.map(([name]) => `<a href="?only=${name}">${name}</a>`).join(' ')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Unsynced: every state of the report</title>
<style id="light">${read('github-markdown-css', 'github-markdown-light.css')}</style>
<style id="dark">${read('github-markdown-css', 'github-markdown-dark.css')}</style>
<style>${STYLE}</style>
<nav><a href="?">all</a> ${links} <a href="?theme=dark">dark</a></nav>
${states.map(([name, shown]) => stateHtml(name, shown)).join('\n')}
<script>${read('mermaid', 'dist', 'mermaid.min.js').replaceAll('</script', '<\\/script')}</script>
<script type="module">${SCRIPT}</script>
</html>
`
}

function stateHtml(name: string, presentations: readonly Presentation[]): string {
  const posted = renderComments(presentations)
  const printed = presentations.map((one) => renderTerminal(one, { colour: true, width: 80 }))
  const coarser = TIERS.slice(TIERS.indexOf(posted.tier) + 1).map((tier) => ({
    title: `as a comment, had it to be shorter: ${tier}`,
    part: tier,
    body: commentHtml(renderComments(presentations, { atMost: tier }).document),
  }))
  const parts = [
    { title: `comment (${posted.tier})`, part: 'comment', body: commentHtml(posted.document) },
    ...coarser.filter(({ body }, index) => body !== (coarser[index - 1]?.body ?? '')),
    { title: 'job summary', part: 'summary', body: summaryHtml(renderSummaries(presentations)) },
    {
      title: 'terminal',
      part: 'terminal',
      body: `<pre class="terminal">${terminalHtml(printed.join('\n'))}</pre>`,
    },
  ]
  const sections = parts.map(
    ({ title, part, body }) =>
      `<section data-part="${part}"><h3 class="part">${escapeHtml(title)}</h3>${body}</section>`,
  )
  return `<article id="${name}"><h2 class="state">${name}</h2>${sections.join('\n')}</article>`
}

function commentHtml(markdown: string): string {
  return `<div class="comment"><div class="author"><b>github-actions</b> <span>bot</span> commented</div><div class="markdown-body">${githubHtml(markdown)}</div></div>`
}

function summaryHtml(markdown: string): string {
  return markdown.length > MOST_CHARACTERS
    ? `<p>${markdown.length} characters: too long to be worth looking at.</p>`
    : `<div class="markdown-body summary">${githubHtml(markdown)}</div>`
}

const STYLE = `
html { font: 14px/1.5 system-ui, sans-serif; background: #fff; color: #1f2328; }
html[data-theme=dark] { background: #0d1117; color: #f0f6fc; }
body { max-width: 930px; margin: 0 auto; padding: 16px; }
nav a { margin-right: 8px; white-space: nowrap; }
.state { border-top: 2px solid #8884; padding-top: 16px; }
.part { font-weight: 500; color: #888; margin: 24px 0 8px; }
.comment { border: 1px solid #8886; border-radius: 6px; }
.author { padding: 8px 16px; border-bottom: 1px solid #8886; background: #8881; border-radius: 6px 6px 0 0; }
.author span { border: 1px solid #8886; border-radius: 1em; padding: 0 6px; font-size: 12px; }
.markdown-body { font-size: 14px; padding: 16px; border-radius: 0 0 6px 6px; overflow-wrap: break-word; }
.markdown-body.summary { border: 1px solid #8886; border-radius: 6px; font-size: 16px; }
.markdown-body pre.mermaid { text-align: center; }
.terminal { background: #1e1e1e; color: #ddd; padding: 16px; border-radius: 6px; overflow: auto; font: 13px/1.4 ui-monospace, "Liberation Mono", monospace; }
.terminal .bold { font-weight: 700; color: #fff; } .terminal .dim { opacity: .65; }
.terminal .yellow { color: #e5c07b; } .terminal .red { color: #ff7b72; }
`

const SCRIPT = `
const asked = new URLSearchParams(location.search)
const theme = asked.get('theme') === 'dark' ? 'dark' : 'light'
document.documentElement.dataset.theme = theme
document.getElementById(theme === 'dark' ? 'light' : 'dark').disabled = true
if (asked.has('only')) for (const article of document.querySelectorAll('article')) if (article.id !== asked.get('only')) article.remove()
if (asked.has('part')) {
  for (const section of document.querySelectorAll('section')) if (section.dataset.part !== asked.get('part')) section.remove()
  for (const other of document.querySelectorAll('nav, h2.state, h3.part')) other.remove()
}
if (asked.has('open')) for (const fold of document.querySelectorAll('details')) fold.open = true
mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', theme: theme === 'dark' ? 'dark' : 'default' })
let failures = ''
for (const drawing of document.querySelectorAll('pre.mermaid')) {
  try { await mermaid.run({ nodes: [drawing] }) } catch (error) { failures += String(error) }
}
document.documentElement.dataset.failures = failures
document.documentElement.dataset.ready = 'yes'
`
