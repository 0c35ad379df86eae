/** What comments on pull requests and merge requests share: their bound, and the lines of a change. */
import { plural } from '../../../core/base/index.ts'
import type { PolicyDocument } from '../../../core/iam/index.ts'
import { cut, difference } from '../../../functions/domain/card/index.ts'
import { codeBlock } from '../../../functions/domain/pull-request/index.ts'

/** Characters. GitHub allows 65,536 in a comment; a step of a workflow adds a link. */
export const MAX_COMMENT_CHARS = 60_000
const MAX_DIFF_LINES = 60

export function changeBlock(before: PolicyDocument | null, after: PolicyDocument | null): string {
  const { lines, left } = cut(difference(before, after), MAX_DIFF_LINES)
  const shown = lines.map(({ sign, text }) => `${sign} ${text}`.trimEnd())
  return codeBlock([...shown, ...(left === 0 ? [] : [`… ${plural(left, 'more line')}`])].join('\n'), 'diff')
}
