/**
 * When IAM has settled for a denial: after the settle time, and a minute after the last change of either side that is seen.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
import type { AccessSnapshot, Identity } from '../../../core/iam/index.ts'
import type { Config } from '../config/index.ts'
import { type Occurrence, outcomeOf, type Proposal } from './proposal.ts'
import { PROPAGATION_MS } from './transitions.ts'

/** Of a new denial. Messages may come early, late or twice: only the table says when it was first seen. */
export const settleEndMs = (
  { proposalId, firstSeenMs }: Pick<Occurrence, 'proposalId' | 'firstSeenMs'>,
  { settleSeconds }: Pick<Config, 'settleSeconds'>,
): number => (proposalId === null ? firstSeenMs + settleSeconds * 1_000 : 0)

/**
 * `current`: the proposal before this one. `readByMs`: when IAM had answered. A change whose time is not seen, as of an inline policy,
 * counts as old. Where the settle time is shorter than a minute, so is this.
 */
export function lastChangeSettledMs(
  { caller, targets }: Pick<AccessSnapshot, 'caller' | 'targets'>,
  current: Proposal | null,
  { settleSeconds }: Pick<Config, 'settleSeconds'>,
  readByMs: number,
): number {
  const sides = [caller, ...targets.map(({ role }) => role)]
  const seen = [...sides.flatMap(side => (side.kind === 'found' ? datesOf(side.value) : [])), ...writesOf(current)]
  // A clock that is ahead makes nobody wait.
  const past = seen.filter(atMs => atMs <= readByMs)
  return past.length === 0 ? 0 : Math.max(...past) + Math.min(PROPAGATION_MS, settleSeconds * 1_000)
}

function datesOf({ createdAtMs, policies, boundary }: Identity): readonly number[] {
  const attached = [...policies, ...(boundary.kind === 'found' ? [boundary.value] : [])]
  return [createdAtMs, ...attached.map(({ changedAtMs }) => changedAtMs)].filter(atMs => atMs !== undefined)
}

/** rolemedic's own, and what the event history had shown. */
function writesOf(current: Proposal | null): readonly number[] {
  if (current === null) return []
  const { whatChanged } = current
  return [
    ...(outcomeOf(current) === null ? [] : [outcomeOf(current)?.atMs ?? 0]),
    ...(current.status === 'reverted' ? [current.reverted.atMs] : []),
    ...(whatChanged?.outcome === 'found' ? [whatChanged.write.atMs] : []),
  ]
}
