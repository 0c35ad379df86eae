import type { SignedDecision } from '../../functions/domain/authority/earlier-decision.ts'
import type { Person } from '../../functions/domain/messages/person.ts'

/** In the form of a record. Nothing checks this signature. */
export const signedDecision = (given: {
  readonly by: Person
  readonly needed: number
  readonly digest: string
  readonly id: string
}): SignedDecision => ({
  decision: {
    schema: 'rolemedic.decision/1',
    kind: 'approve',
    proposalId: given.id,
    patchDigest: given.digest,
    fingerprint: 'f',
    requester: { kind: 'machine' },
    by: { userId: given.by.id, teamId: 'T0OURS', name: given.by.name },
    risk: 'low',
    approversNeeded: given.needed,
    endsAtMs: null,
    reason: null,
    configDigest: given.digest,
    atMs: 0,
  },
  signature: { keyId: 'k', value: 'v' },
})
