import { type RichText, richText, time } from '../../../../core/base/index.ts'

/** Of a grant that stands. Its time can be over before it is reverted. */
export function endLine(endsAtMs: number | null, nowMs: number): readonly RichText[] {
  if (endsAtMs === null) return []
  return endsAtMs > nowMs
    ? [richText`It ends by itself ${time(endsAtMs)}.`]
    : [richText`Its time ended ${time(endsAtMs)}: it is to be reverted.`]
}
