/** Parsers that read an edited file as another text, which the check after an edit must refuse. */
import type { Parsers } from '../../../iac/edit/syntax-node.ts'

const EDITED = 'Rolemedic1a2b3c4d'

/** `seen`: the text that is read instead, with the same length. Null: it cannot be parsed. */
export const mistaken = (parsers: Parsers, seen: (text: string) => string | null): Parsers => ({
  parse: (language, text, at) => {
    const instead = text.includes(EDITED) ? seen(text) : text
    return instead === null ? null : parsers.parse(language, instead, at)
  },
})
