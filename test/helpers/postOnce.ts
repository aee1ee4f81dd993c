import { connect } from '../../src/github/api/client.ts'
import { postComment } from '../../src/github/comment/postComment.ts'
import { finding, postOf } from './posting.ts'

/**
 * One run that posts to the fake GitHub, as a process of its own: `node postOnce.ts <json>` with
 * `{ apiUrl, token, run, head, text }`.
 */
const { apiUrl, token, run, head, text } = JSON.parse(process.argv[2] ?? '')
const api = connect({ apiUrl, token, repository: { owner: 'acme', name: 'data' } })
const post = postOf({ run: { id: run, attempt: 1 }, head, text, finding: finding(text) })
const posted = await postComment(api, post, null)
process.stdout.write(`${posted.action}\n`)
process.exit(0)
