/** Lists of texts: how they are split, joined and combined. */

import { holeText, joinTexts, literalText, type RoleText, withOrigin } from '../role-text.ts'
import { MAX_ALTERNATIVES } from './limits.ts'

export const onlyOne = ([text, ...others]: readonly RoleText[]): RoleText | null =>
  text === undefined || others.length > 0 ? null : text

export function splitText(text: RoleText, separator: string): readonly RoleText[] {
  const parts: RoleText[][] = [[]]
  for (const piece of text.pieces) {
    if (typeof piece !== 'string') {
      parts.at(-1)?.push({ pieces: [piece], from: piece.from, resource: text.resource })
      continue
    }
    for (const [index, part] of piece.split(separator).entries()) {
      if (index > 0) parts.push([])
      if (part !== '')
        parts.at(-1)?.push(withOrigin(literalText(part), text.from === 'same-template' ? 'literal' : text.from))
    }
  }
  return parts.map(part => (part.length === 0 ? literalText('') : joinTexts(part)))
}

export const joinedBy = (texts: readonly RoleText[], between: string): readonly RoleText[] =>
  texts.flatMap((text, index) => (index === 0 || between === '' ? [text] : [literalText(between), text]))

/** One text per place so far, the last one first: a copy at every place would take quadratic time. */
type Way = { readonly text: RoleText; readonly before: Way } | null

/** Every combination with one alternative per place. */
export function combinations(places: readonly (readonly (RoleText | null)[])[]): readonly (readonly RoleText[])[] {
  let ways: readonly Way[] = [null]
  for (const place of places) {
    ways = ways.flatMap(before => place.map(text => (text === null ? before : { text, before })))
    if (ways.length > MAX_ALTERNATIVES) return [[holeText('one of many values', 'unknown')]]
  }
  return ways.map(textsAlong)
}

function textsAlong(way: Way): readonly RoleText[] {
  const texts: RoleText[] = []
  for (let at = way; at !== null; at = at.before) texts.push(at.text)
  return texts.reverse()
}
