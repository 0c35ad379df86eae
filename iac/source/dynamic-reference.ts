import { hasDynamicReference } from '../../core/patch/index.ts'
import type { Hole, RoleText } from './role-text.ts'

export const REFERENCE_HOLE = 'a dynamic reference'

/** A reference, up to the end of the text if it is not closed; or the mark of an unknown part, which no template contains. */
const REFERENCE_OR_HOLE = /(\{\{\s*resolve\s*:[^{}]*(?:\}\}|$))|\0/gi

/**
 * Replaces each dynamic reference by a hole, also one that functions assemble. If holes complete the reference, the whole text
 * becomes unknown.
 */
export function withoutReferences(text: RoleText): RoleText {
  const known = text.pieces.map(piece => (typeof piece === 'string' ? piece.replaceAll('\0', ' ') : '\0')).join('')
  if (!hasDynamicReference(known)) return text
  const holes = text.pieces.filter(piece => typeof piece !== 'string')
  const pieces: (string | Hole)[] = []
  let end = 0
  for (const { 0: found, 1: reference, index } of known.matchAll(REFERENCE_OR_HOLE)) {
    if (index > end) pieces.push(known.slice(end, index))
    end = index + found.length
    const taken = holes.splice(0, reference === undefined ? 1 : reference.split('\0').length - 1)
    pieces.push((reference === undefined ? taken[0] : undefined) ?? { hole: REFERENCE_HOLE, from: 'unknown' })
  }
  if (end < known.length) pieces.push(known.slice(end))
  return { ...text, pieces, from: text.from === 'literal' ? 'unknown' : text.from }
}
