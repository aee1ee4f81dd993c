import { askClosed, type Closed } from '../../src/sqlmesh/closed.ts'
import { useOf } from '../../src/sqlmesh/fileRoles.ts'

/** What the product says of a commit with these files, whose project is `warehouse`. */
export async function closedWith(files: Readonly<Record<string, string>>): Promise<Closed> {
  const all = { 'warehouse/config.yaml': 'gateways: {}\n', ...files }
  const projects = ['warehouse']
  const wanted = Object.entries(all).flatMap(([path, text]) => {
    const use = useOf(path, projects)
    return use === null ? [] : [{ file: [path, use] as const, bytes: Buffer.from(text) }]
  })
  // As `git cat-file --batch` prints them.
  const contents = wanted.flatMap(({ bytes }) => [
    Buffer.from(`0 blob ${bytes.length}\n`),
    bytes,
    Buffer.from('\n'),
  ])
  const texts = { files: wanted.map(({ file }) => file), contents: Buffer.concat(contents) }
  const search = { workspace: import.meta.dirname, environment: process.env }
  return await askClosed({ ...texts, projects, links: ['data/link'] }, search)
}
