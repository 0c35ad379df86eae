/** Limits of the work that one template may cause. */

import { withoutReferences } from '../dynamic-reference.ts'
import { holeText, type RoleText } from '../role-text.ts'
import type { IntrinsicsScope } from '../scope.ts'
import { UnreadableSource } from '../source-node.ts'
import type { IntrinsicCall } from './call.ts'

/** A node with more possible values than this counts as unknown. */
export const MAX_ALTERNATIVES = 32
/** The nesting limit of names, conditions and functions that refer to each other, to protect the stack. */
const MAX_DEPTH = 300
/** The limit for one template. Mappings that use each other twice would double the work at every step. */
const MAX_CALLS = 500_000
/** Longer texts contain documents, not roles. Names that use each other twice would double in length at every step. */
const MAX_LENGTH = 200_000
const MAX_PIECES = 1_000

/** Counts the call while `step` runs. Throws `UnreadableSource` beyond a limit. */
export function countedCall<Value>(
  scope: IntrinsicsScope,
  { line }: Pick<IntrinsicCall, 'line'>,
  step: () => Value,
): Value {
  const { work, depth } = scope
  work.calls += 1
  if (depth.now >= MAX_DEPTH) throw cut(scope, line, 'too many values here refer to each other in a row')
  if (work.calls > MAX_CALLS) throw cut(scope, line, 'its functions, conditions and names are too much work')
  depth.now += 1
  try {
    return step()
  } finally {
    depth.now -= 1
  }
}

/** The result of a call, within the limits of a text. */
export function withinLimits(
  scope: IntrinsicsScope,
  { line }: IntrinsicCall,
  alternatives: readonly RoleText[],
): readonly RoleText[] {
  const texts = alternatives.length <= MAX_ALTERNATIVES ? alternatives : [holeText('one of many values', 'unknown')]
  for (const { pieces } of texts) {
    const length = pieces.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : 0), 0)
    if (length > MAX_LENGTH || pieces.length > MAX_PIECES) throw cut(scope, line, 'the text here is too long')
  }
  return texts.map(withoutReferences)
}

function cut({ work, template }: IntrinsicsScope, line: number, what: string): UnreadableSource {
  work.isCut = true
  return new UnreadableSource(template.file, line, what)
}
