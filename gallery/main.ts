import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { pictureOf, startBrowser, visit } from './browser.ts'
import { chromium } from './chromium.ts'
import { githubHtml } from './markdown.ts'
import { galleryPage } from './page.ts'
import { COMBINED, PRESENTATIONS } from './presentations.ts'

const root = resolve(import.meta.dirname, '..')
const folder = join(root, '.cache', 'gallery')

const say = (line: string) => process.stdout.write(`${line}\n`)

const { values } = parseArgs({
  options: {
    screenshots: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    part: { type: 'string', default: 'comment' },
    readme: { type: 'boolean', default: false },
    browser: { type: 'string', default: '' },
  },
})

mkdirSync(folder, { recursive: true })
const index = join(folder, 'index.html')
const alone = Object.entries(PRESENTATIONS).map(([name, one]) => [name, [one]] as const)
const states = { ...Object.fromEntries(alone), ...COMBINED }
writeFileSync(index, galleryPage(states))
say(`Every state of the report: ${relative(process.cwd(), index)}`)
try {
  if (values.screenshots) await takeScreenshots()
  if (values.readme) await drawReadme()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}

/** Each state in light and dark, on a desk and on a phone, folded and unfolded. */
async function takeScreenshots(): Promise<void> {
  await using browser = await startBrowser(await chromium(values.browser))
  const page = await browser.newPage()
  const names = Object.keys(states).filter(
    (name) => values.only === '' || values.only.split(',').includes(name),
  )
  for (const name of names) {
    for (const theme of ['light', 'dark']) {
      for (const width of [1280, 390]) {
        for (const folds of ['folded', 'open']) {
          const query = new URLSearchParams({ only: name, part: values.part, theme })
          if (folds === 'open') query.set('open', '')
          const url = `${pathToFileURL(index).href}?${query}`
          const file = join(folder, `${name}.${values.part}.${theme}.${width}.${folds}.png`)
          await visit(page, url, width)
          writeFileSync(file, await pictureOf(page, 'body'))
          say(relative(process.cwd(), file))
        }
      }
    }
  }
}

/** docs/comment.png: the comment on the pull request of the examples, as `npm run demo` left it. */
async function drawReadme(): Promise<void> {
  const comment = join(root, '.cache', 'demo', 'comment.md')
  if (!existsSync(comment)) throw new Error('There is no comment yet. Run `npm run demo` first.')
  const html = galleryPage({}).replace(
    '<nav>',
    `<div class="comment" id="readme"><div class="markdown-body">${githubHtml(readFileSync(comment, 'utf8'))}</div></div><nav hidden>`,
  )
  const file = join(folder, 'readme.html')
  writeFileSync(file, html)
  await using browser = await startBrowser(await chromium(values.browser))
  const page = await browser.newPage()
  await visit(page, pathToFileURL(file).href, 932, 1.3)
  const png = await pictureOf(page, '#readme')
  mkdirSync(join(root, 'docs'), { recursive: true })
  writeFileSync(join(root, 'docs', 'comment.png'), png)
  say(`docs/comment.png, ${Math.ceil(png.length / 1024)} KB`)
}
