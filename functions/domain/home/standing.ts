/** A change that is in IAM, as an item of the Home tab. */
import { joined, own, person, type RichText, richText, time } from '../../../core/base/index.ts'
import { denialTitle } from '../../../core/denial/index.ts'
import { changeLine, targetName } from '../card/index.ts'
import type { InIam } from '../proposal/index.ts'

const MAX_TARGETS = 3

/** What CloudTrail showed of its use. Absent: nobody has searched. */
type Seen = {
  readonly use?: {
    /** The end of the last search in CloudTrail. */
    readonly lookedAtMs: number
    /** Since when no use was missed. Null: the last search may have missed some. */
    readonly wholeSinceMs: number | null
    readonly lastUsedAtMs: number | null
    readonly goneAtMs?: number
  }
}

export function standingItem(
  proposal: InIam & Seen,
  nowMs: number,
): {
  readonly title: RichText
  readonly detail: RichText
} {
  const { denial, applied, approvals } = proposal
  const targets = applied.changes.map(({ target }) => targetName(target))
  const left = targets.length - MAX_TARGETS
  const where = joined(targets.slice(0, MAX_TARGETS), ', ')
  const rest = left > 0 ? richText`, and ${left} more` : []
  const by = joined(
    [...new Map(approvals.map(({ by: each }) => [each.id, each])).values()].map(each => [person(each)]),
    ' and ',
  )
  return {
    title: changeLine(applied.changes, proposal) ?? denialTitle(denial),
    detail: richText`In the ${where}${rest}. Since ${time(applied.atMs)}, ${until(applied.endsAtMs, nowMs)}, approved by ${by}.${
      proposal.status === 'reverting' ? [own(' It is being undone.')] : []
    }${usage(proposal.use, applied.atMs)}`,
  }
}

function until(endsAtMs: number | null, nowMs: number): RichText {
  if (endsAtMs === null) return richText`without end`
  return endsAtMs > nowMs ? richText`until ${time(endsAtMs)}` : richText`its time was over ${time(endsAtMs)}`
}

const goneText = (atMs: number): RichText =>
  richText` Taken away outside of rolemedic: ${time(atMs)}, nothing of it was in IAM.`

function usage(use: Seen['use'], sinceMs: number): RichText {
  if (use === undefined) return []
  if (use.goneAtMs !== undefined) return goneText(use.goneAtMs)
  if (use.lastUsedAtMs !== null) return richText` Last seen used ${time(use.lastUsedAtMs)}.`
  return use.wholeSinceMs !== null && use.wholeSinceMs <= sinceMs
    ? richText` Not used until ${time(use.lookedAtMs)}.`
    : richText` Its use could not be seen.`
}
