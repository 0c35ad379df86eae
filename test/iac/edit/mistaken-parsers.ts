/** Parsers that read an edited file as another text: what is checked after an edit must then refuse it. */
import type { Parsers } from '../../../iac/edit/syntax-node.ts'

const EDITED = 'Rolemedic1a2b3c4d'

/** `seen`: the text that is read instead, of the same length; null: it cannot be parsed. */
export const mistaken = (parsers: Parsers, seen: (text: string) => string | null): Parsers => ({
  parse: (language, text) => {
    const instead = text.includes(EDITED) ? seen(text) : text
    return instead === null ? null : parsers.parse(language, instead)
  },
})
