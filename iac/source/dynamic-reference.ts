import { hasDynamicReference } from '../../core/patch/index.ts'
import type { Hole, RoleText } from './role-text.ts'

/** What a dynamic reference becomes. */
export const REFERENCE_HOLE = 'a dynamic reference'

/** A reference, to the end where it is not closed; and what marks a part that is not known, which no template has. */
const REFERENCE_OR_HOLE = /(\{\{\s*resolve\s*:[^{}]*(?:\}\}|$))|\0/gi

/** With a hole for each dynamic reference, also one that functions make of parts; of one that holes complete, nothing is known. */
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
