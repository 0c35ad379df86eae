import { type RichText, richText, time } from '../../../../core/base/index.ts'

/** The end of a grant in IAM. The end can be in the past if the grant is not reverted yet. */
export function endLine(endsAtMs: number | null, nowMs: number): readonly RichText[] {
  if (endsAtMs === null) return []
  return endsAtMs > nowMs
    ? [richText`It ends by itself ${time(endsAtMs)}.`]
    : [richText`Its time ended ${time(endsAtMs)}: it is to be reverted.`]
}
