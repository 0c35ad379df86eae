/** What a dialog says before a press grants something. It holds few characters, and never drops risk, end, or who gets what. */
import { asPlainText, type RichText, type Span } from '../../../../core/base/index.ts'
import type { Proposal } from '../../proposal/index.ts'
import { changeLine, type Extent, NAMES_ONE, NAMES_TWO } from './change-line.ts'
import { gainInBrief, riskName } from './risk-line.ts'

export type GrantInWords = Pick<Proposal, 'patch' | 'verification' | 'previous'>

/** https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object */
const DIALOG_CHARS = 300
/** The longest name of a role has 64 characters without its path. */
const NAME_CHARS = [600, 80, 64, 48, 36, 26, 18, 12]
const SHORTENED = 'Whole names are on the card.'
const TOO_LONG = 'Who gets what is on the card: the names are too long for this dialog.'

/** `end`: for how long, as a sentence. The first form that fits, from whole names to one short name of each kind. */
export function confirmText(granted: GrantInWords, end: string): string {
  const { verification } = granted
  const risk = verification === null ? 'Its risk is unknown.' : `${riskName(verification.risk)}.`
  const gain = verification === null ? '' : asPlainText(gainInBrief(verification).brief)
  const forms = [NAMES_TWO, NAMES_ONE].flatMap(extent => changesInForms(granted, extent))
  const least = [...forms, TOO_LONG].map(change => sentences(risk, end, change)).find(fits) ?? sentences(risk, end)
  const whole = sentences(least, gain)
  return fits(whole) ? whole : least
}

const sentences = (...all: readonly string[]): string => all.filter(one => one !== '').join(' ')
const fits = (text: string): boolean => text.length <= DIALOG_CHARS

/** From the longest to the shortest; one in which two names look the same is left out. */
function changesInForms({ patch, previous }: GrantInWords, extent: Extent): readonly string[] {
  const change = changeLine(patch?.changes ?? [], { previous }, extent)
  if (change === null) return ['']
  return NAME_CHARS.flatMap(chars => {
    const short = change.map(span => withShortName(span, chars))
    if (new Set(namesIn(short)).size < new Set(namesIn(change)).size) return []
    const text = asPlainText(short)
    return [text === asPlainText(change) ? text : `${text} ${SHORTENED}`]
  })
}

const namesIn = (text: RichText): readonly string[] => text.flatMap(span => (isName(span) ? [span.text] : []))

const isName = (span: Span): span is Extract<Span, { readonly kind: 'code' | 'outside' }> =>
  span.kind === 'code' || span.kind === 'outside'

/** Both ends stay: names of one team begin alike, and end with what tells them apart. */
function withShortName(span: Span, chars: number): Span {
  if (!isName(span) || span.text.length <= chars) return span
  const letters = Array.from(span.text)
  const half = Math.floor((chars - 1) / 2)
  return letters.length <= chars
    ? span
    : { ...span, text: `${letters.slice(0, half).join('')}…${letters.slice(-half).join('')}` }
}
