/** What is written once every check has passed: the documents as they were approved, with their end, in order. */
import { digestOf } from '../../../../core/base/canonical-json.ts'
import { type Brand, fail, ok, type Result } from '../../../../core/base/result.ts'
import { limitedAfter } from '../../../../core/patch/limited-document.ts'
import { changeDigest, type DocumentChange, trustLast } from '../../../../core/patch/target.ts'
import type { DecisionNow } from '../decision.ts'
import { CHECKS, endOfGrant, type No, type Own, type Timed } from './authority.ts'
import type { GrantInput } from './grant.ts'

/** What was granted, as signed. */
export type Granted<D = DecisionNow> = {
  readonly proposalId: string
  readonly patchDigest: string
  readonly decisions: readonly D[]
  /** The earliest end that an approver chose; null: without end. */
  readonly endsAtMs: number | null
  /** In order. */
  readonly writes: readonly DocumentChange[]
}

/** A grant that passed every check. Only `authorized()` makes one. */
export type Authorized = Brand<Granted, 'authorized'>

export function authorized(input: GrantInput, own: Own): Result<Authorized, No> {
  const about = { decisions: input.decisions.map(({ decision }) => decision), input, own }
  for (const check of Object.values(CHECKS)) {
    const answer = check(about)
    if (answer !== true) return fail(answer)
  }
  return ok(grantedBy(input.attestation.statement.proposalId, input) as Authorized)
}

type DecidedChanges<D> = Pick<GrantInput, 'changes'> & { readonly decisions: readonly { readonly decision: D }[] }

/** Of decisions whose signatures were verified. Identity first and trust last: until the last write, nobody can use what is half open. */
export function grantedBy<D extends Timed>(proposalId: string, signed: DecidedChanges<D>): Granted<D> {
  const decisions = signed.decisions.map(({ decision }) => decision)
  const endsAtMs = endOfGrant(decisions)
  const writes = trustLast(signed.changes).map(change =>
    endsAtMs === null ? change : { ...change, after: limitedAfter(change, endsAtMs) },
  )
  return { proposalId, patchDigest: digestOf(signed.changes.map(changeDigest)), decisions, endsAtMs, writes }
}
