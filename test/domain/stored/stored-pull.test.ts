import { expect, it } from 'vitest'
import type { EarlierDecision } from '../../../functions/domain/authority/earlier-decision.ts'
import { PROPOSAL } from '../../../functions/domain/stored/stored-proposal.ts'
import { CURRENT_VERSION } from '../../../functions/domain/stored/versions.ts'
import { CODE } from '../../fakes/bridge-world.ts'
import { APPROVAL, inStatus, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'
import { signedBy } from '../../fakes/signing.ts'

const PULL = {
  state: 'open',
  number: 12,
  url: 'https://github.com/acme/orders/pull/12',
  why: null,
  snippet: null,
  pollAtMs: NOON,
  aloneAtMs: null,
  reminders: 1,
  coveredSinceMs: null,
} as const
const throughTable = (value: Parameters<typeof PROPOSAL.write>[0]) =>
  PROPOSAL.read(JSON.parse(JSON.stringify(PROPOSAL.write(value))), CURRENT_VERSION)

it('a proposal with a pull request is read as it was written, with its signed decision of this version or of version 2', () => {
  const approvals = [{ ...APPROVAL, limitHours: 72, pullRequest: true as const }]
  const proposal = inStatus(sampleProposal({ status: 'confirmed', code: CODE, pull: PULL, approvals }), 'confirmed')
  expect(proposal.approvals[0]?.signed?.decision.schema).toBe('rolemedic.decision/3')
  expect(throughTable(proposal)).toEqual({ ok: true, value: proposal })

  const signed = proposal.approvals.flatMap(({ signed }) => (signed === null ? [] : [signed.decision]))
  const earlier = signed.map((decision): EarlierDecision => {
    const { kind, proposalId, patchDigest, fingerprint, requester, risk, approversNeeded } = decision
    const { userId, teamId, name } = decision.by
    const { endsAtMs, reason, configDigest, atMs } = decision
    const about = { kind, proposalId, patchDigest, fingerprint, requester, risk, approversNeeded, endsAtMs, reason }
    const facts = { ...about, by: { userId, teamId, name }, configDigest, atMs }
    return { schema: 'rolemedic.decision/2', ...facts, pullRequest: 'with' }
  })
  expect(earlier.map(({ schema }) => schema)).toEqual(['rolemedic.decision/2'])
  const before: typeof proposal = {
    ...proposal,
    approvals: earlier.map(decision => ({
      ...APPROVAL,
      limitHours: 72,
      pullRequest: true,
      signed: signedBy(decision),
    })),
  }
  expect(throughTable(before)).toEqual({ ok: true, value: before })
})

it('a change that was left to its code is stored as rejected, as versions before it read it', () => {
  const rejection = { by: APPROVAL.by, atMs: NOON, reason: 'Pull request only', pullRequest: true as const }
  const proposal = sampleProposal({ status: 'rejected', code: CODE, pull: PULL, rejection })
  expect(PROPOSAL.write(proposal)).toMatchObject({ status: 'rejected' })
  expect(throughTable(proposal)).toEqual({ ok: true, value: proposal })
})
