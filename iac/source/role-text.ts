/** Where the ARN or name of a role comes from. */
export type RoleOrigin = 'literal' | 'same-template' | 'import' | 'parameter' | 'unknown'

/** A part of a text that only the deploy will know. */
export type Hole = { readonly hole: string; readonly from: RoleOrigin }

export type RoleText = {
  readonly pieces: readonly (string | Hole)[]
  readonly from: RoleOrigin
  /** The role or instance profile that the same deploy makes and that this text names. */
  readonly resource: MadeHere | null
}

export type MadeHere = { readonly scope: string; readonly logicalId: string }

export const literalText = (text: string): RoleText => ({ pieces: [text], from: 'literal', resource: null })

export const holeText = (hole: string, from: RoleOrigin, resource: MadeHere | null = null): RoleText => ({
  pieces: [{ hole, from }],
  from,
  resource,
})

/** The whole text, or null where a part is not known. */
export function knownText(text: RoleText): string | null {
  return text.pieces.every(piece => typeof piece === 'string') ? text.pieces.join('') : null
}

/** Parts that are not known stand as `*`. For display and comparison only: such a pattern is never granted. */
export function patternOf(text: RoleText): string {
  return text.pieces
    .map(piece => (typeof piece === 'string' ? piece : '*'))
    .join('')
    .replaceAll(/\*{2,}/g, '*')
}

/** The first known origin in this order names the whole: a role of the same template stays one when its ARN is spelled by hand. */
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
