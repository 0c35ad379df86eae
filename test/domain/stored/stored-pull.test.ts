import { expect, it } from 'vitest'
import { PROPOSAL } from '../../../functions/domain/stored/stored-proposal.ts'
import { CURRENT_VERSION } from '../../../functions/domain/stored/versions.ts'
import { CODE } from '../../fakes/bridge-world.ts'
import { APPROVAL, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

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

it('a proposal with a pull request is read as it was written, with its signed decision of version 2', () => {
  const approvals = [{ ...APPROVAL, limitHours: 72, pullRequest: true as const }]
  const proposal = sampleProposal({ status: 'confirmed', code: CODE, pull: PULL, approvals })
  expect(proposal.approvals[0]?.signed?.decision.schema).toBe('rolemedic.decision/2')
  expect(throughTable(proposal)).toEqual({ ok: true, value: proposal })
})

it('a change that was left to its code is stored as rejected, as versions before it read it', () => {
  const rejection = { by: APPROVAL.by, atMs: NOON, reason: 'Pull request only', pullRequest: true as const }
  const proposal = sampleProposal({ status: 'rejected', code: CODE, pull: PULL, rejection })
  expect(PROPOSAL.write(proposal)).toMatchObject({ status: 'rejected' })
  expect(throughTable(proposal)).toEqual({ ok: true, value: proposal })
})
