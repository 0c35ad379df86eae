import type { RichText } from '../../../../core/base/index.ts'
import type { CardButton } from '../buttons.ts'
import type { Tone } from '../headline.ts'

/** A card that is about no denial: what to know, and what to press. */
export type NoticeCard = {
  readonly id: string
  readonly tone: Tone
  readonly headline: RichText
  readonly lines: readonly RichText[]
  /** To be copied; null: nothing is. */
  readonly code: string | null
  readonly buttons: readonly CardButton[]
}
