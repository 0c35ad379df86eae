/** JSON that is safe on a terminal: escapes characters that JSON allows and a terminal obeys or hides. Parses to the same value. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNSEEN, escaped)
}

/** C1 controls, characters that change the direction of text, other invisible characters, and line separators. */
const UNSEEN = /[\p{Cf}\u007f-\u009f\u2028\u2029]/gu

/** A character beyond U+FFFF is two escapes in JSON. */
const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map(unit => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('')
