/** Where the ARN or name of a role comes from. */
export type RoleOrigin = 'literal' | 'same-template' | 'import' | 'parameter' | 'unknown'

/** A part of a text that only the deploy knows. */
export type Hole = { readonly hole: string; readonly from: RoleOrigin }

export type RoleText = {
  readonly pieces: readonly (string | Hole)[]
  readonly from: RoleOrigin
  /** The role or instance profile of the same deploy that this text names. Null: none. */
  readonly resource: MadeHere | null
}

export type MadeHere = { readonly scope: string; readonly logicalId: string }

export const literalText = (text: string): RoleText => ({ pieces: [text], from: 'literal', resource: null })

export const holeText = (hole: string, from: RoleOrigin, resource: MadeHere | null = null): RoleText => ({
  pieces: [{ hole, from }],
  from,
  resource,
})

/** The whole text. Null: a part is unknown. */
export function knownText(text: RoleText): string | null {
  return text.pieces.every(piece => typeof piece === 'string') ? text.pieces.join('') : null
}

/** The text with `*` for unknown parts. For display and comparison only, never granted. */
export function patternOf(text: RoleText): string {
  return text.pieces
    .map(piece => (typeof piece === 'string' ? piece : '*'))
    .join('')
    .replaceAll(/\*{2,}/g, '*')
}

/**
 * The origin of the whole text is the first of these among its parts: a role of the same template remains one if its ARN is
 * assembled by hand.
 */
const ORIGINS: readonly RoleOrigin[] = ['same-template', 'import', 'parameter', 'unknown', 'literal']

export function joinTexts(texts: readonly RoleText[]): RoleText {
  const pieces: (string | Hole)[] = []
  for (const piece of texts.flatMap(text => text.pieces)) {
    const last = pieces.at(-1)
    if (typeof piece === 'string' && typeof last === 'string') pieces[pieces.length - 1] = last + piece
    else pieces.push(piece)
  }
  return {
    pieces,
    from: ORIGINS.find(origin => texts.some(text => text.from === origin)) ?? 'literal',
    resource: texts.find(text => text.resource !== null)?.resource ?? null,
  }
}

export const withOrigin = (text: RoleText, from: RoleOrigin): RoleText => ({ ...text, from })
