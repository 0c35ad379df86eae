import type { RichText } from '../../../../core/base/index.ts'
import type { CardButton } from '../buttons.ts'
import type { Tone } from '../headline.ts'

/** A card that does not concern a denial: information, and buttons. */
export type NoticeCard = {
  readonly id: string
  readonly tone: Tone
  readonly headline: RichText
  readonly lines: readonly RichText[]
  /** Below the buttons. Absent: nothing. */
  readonly more?: readonly RichText[]
  /** Code to copy. Null: none. */
  readonly code: string | null
  readonly buttons: readonly CardButton[]
}
