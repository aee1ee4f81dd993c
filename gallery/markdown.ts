import { Marked } from 'marked'

/** GitHub's kinds of alert. marked knows block quotes only. */
const ALERT = /^\s*<p>\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*/

const github = new Marked({
  gfm: true,
  renderer: {
    blockquote({ tokens }) {
      const body = this.parser.parse(tokens)
      const kind = ALERT.exec(body)?.[1]
      if (kind === undefined) return `<blockquote>${body}</blockquote>`
      const title = `${kind[0]}${kind.slice(1).toLowerCase()}`
      const rest = body.replace(ALERT, '<p>')
      return `<div class="markdown-alert markdown-alert-${kind.toLowerCase()}"><p class="markdown-alert-title">${title}</p>${rest}</div>`
    },
    code({ text, lang }) {
      if (lang === 'mermaid') return `<pre class="mermaid">${escapeHtml(text)}</pre>`
      const shown = lang === 'diff' ? diffHtml(text) : escapeHtml(text)
      return `<div class="highlight"><pre><code>${shown}</code></pre></div>`
    },
    table({ header, rows }) {
      const cells = (row: typeof header, tag: string) =>
        row
          .map(
            ({ tokens, align }) =>
              `<${tag} align="${align ?? 'left'}">${this.parser.parseInline(tokens)}</${tag}>`,
          )
          .join('')
      const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')
      return `<table><thead><tr>${cells(header, 'th')}</tr></thead><tbody>${body}</tbody></table>`
    },
  },
})

/** Markdown as GitHub shows it in a comment: GFM, alerts, coloured diffs, and mermaid to be drawn. */
export function githubHtml(markdown: string): string {
  return github.parse(markdown, { async: false })
}

/** The classes that GitHub's own style sheet colours. */
function diffHtml(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const style = line.startsWith('+')
        ? 'pl-mi1'
        : line.startsWith('-')
          ? 'pl-md'
          : line.startsWith('@@')
            ? 'pl-mdr'
            : null
      const shown = escapeHtml(line)
      return style === null ? shown : `<span class="${style}">${shown}</span>`
    })
    .join('\n')
}

const STYLES: Readonly<Record<string, string>> = { 1: 'bold', 2: 'dim', 31: 'red', 33: 'yellow' }

/** Terminal text with its colours. */
export function terminalHtml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of.
  const parts = text.split(/\u001b\[(\d+)m/)
  return parts
    .map((part, index) => {
      if (index % 2 === 0) return escapeHtml(part)
      const style = STYLES[part]
      return style === undefined ? '</span>' : `<span class="${style}">`
    })
    .join('')
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
