// What htmlReport.ts hands over, and what follows from it.

const data = JSON.parse(document.getElementById('data').textContent)
export const { statuses: STATUS, headings, projects, rows } = data
export const ORDER = Object.keys(STATUS)
/** Rows that wait for each. */
export const children = rows.map(() => [])
rows.forEach((row, index) => {
  for (const parent of row.parents) children[parent].push(index)
})
/** What is searched of each. */
export const texts = rows.map((row) =>
  [row.key, row.kind, row.now, ...row.why, ...row.facts.map((fact) => fact[1])]
    .join('\n')
    .toLowerCase(),
)
