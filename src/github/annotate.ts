import * as core from '@actions/core'
import { annotationsOf } from '../report/annotations.ts'
import type { Conclusion } from './comment/decideConclusion.ts'

const LOG = { notice: core.notice, warning: core.warning, error: core.error }

/** The dearest changes, on the files of their models; and why the check fails, if it does. */
export function annotate({ presentations }: Conclusion): void {
  for (const { level, title, message, file, line } of annotationsOf(presentations)) {
    const place = file === null ? {} : { file, ...(line === null ? {} : { startLine: line }) }
    LOG[level](message, { title, ...place })
  }
}
