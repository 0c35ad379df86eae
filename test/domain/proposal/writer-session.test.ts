import { describe, expect, it } from 'vitest'
import { answersFor, writerSession } from '../../../functions/domain/proposal/writer-session.ts'
import { DIGEST, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

const by = (id: string) => ({ by: { id, name: id }, atMs: NOON, limitHours: null, reason: null, signed: null })
const grant = (...ids: readonly string[]) => ({
  proposalId: 'p-1',
  patch: sampleProposal({ status: 'approved' }).patch,
  approvals: ids.map(by),
})
const session = (email: string | null, ...ids: readonly string[]) =>
  writerSession(grant(...ids) as never, { userId: 'U0ONCALL2', email })

describe('the person who answers for a write', () => {
  it('is the last approver, who completed it', () => {
    expect(answersFor({ approvals: [by('U0ONCALL1'), by('U0ONCALL2')] })).toBe('U0ONCALL2')
  })

  it('of a revert is the person who asked, or the last approver where its end was approved', () => {
    const approvals = [by('U0ONCALL1')]
    expect(answersFor({ approvals }, { kind: 'person', userId: 'U0ONCALL3' } as never)).toBe('U0ONCALL3')
    expect(answersFor({ approvals }, { kind: 'end-of-grant' } as never)).toBe('U0ONCALL1')
  })

  it('is nobody where nobody approved', () => {
    expect(answersFor({ approvals: [] })).toBe('')
  })
})

describe('the session of a write', () => {
  it('carries the proposal, the digest of the patch and every approver once', () => {
    expect(session(null, 'U0ONCALL1', 'U0ONCALL2', 'U0ONCALL1').tags).toEqual({
      'rolemedic:proposal': 'p-1',
      'rolemedic:digest': DIGEST,
      'rolemedic:approvers': 'U0ONCALL1 U0ONCALL2',
    })
  })

  it('cuts the approvers to the 256 characters that a tag may have', () => {
    const many = Array.from({ length: 40 }, (_, index) => `U0APPROVER${index}`)
    expect(session(null, ...many).tags['rolemedic:approvers']).toHaveLength(256)
  })

  it.each([
    ['ana@example.com', 'ana@example.com'],
    ['a'.repeat(64), 'a'.repeat(64)],
    [null, 'U0ONCALL2'],
    ['a'.repeat(65), 'U0ONCALL2'],
    ['a', 'U0ONCALL2'],
    ['ana b@example.com', 'U0ONCALL2'],
    ['ana@example.com\n', 'U0ONCALL2'],
  ])('of %j has the source identity %s', (email, expected) => {
    expect(session(email, 'U0ONCALL1').sourceIdentity).toBe(expected)
  })
})
