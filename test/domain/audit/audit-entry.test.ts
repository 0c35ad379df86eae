import { describe, expect, it } from 'vitest'
import { linkRecord, parseAuditRecord, storedForm } from '../../../functions/domain/audit/audit-chain.ts'
import { entryFor } from '../../../functions/domain/audit/audit-entry.ts'
import { sameEntry } from '../../../functions/domain/audit/same-entry.ts'
import { CARD, DENIAL, sampleProposal } from '../../fakes/sample-proposal.ts'

const principalIn = (principal: Partial<typeof DENIAL.principal>) => {
  const denial = { ...DENIAL, principal: { ...DENIAL.principal, ...principal } }
  return entryFor(sampleProposal({ denial }), { kind: 'denial-seen', atMs: 0, why: '' }, 'test').principal
}

describe('who an audit record says was denied', () => {
  const subject = 'repo:acme/orders:ref:refs/heads/main'

  it('is the ARN that AWS gave, where it gave one', () => {
    expect(principalIn({ arn: 'arn:aws:iam::111122223333:user/eve', uniqueId: 'AIDAEXAMPLE', name: 'eve' })).toBe(
      'arn:aws:iam::111122223333:user/eve',
    )
  })

  it('is provider, audience and subject of a web identity, which has no ARN', () => {
    const uniqueId = `token.actions.githubusercontent.com:sts.amazonaws.com:${subject}`
    expect(principalIn({ kind: 'web-identity', arn: null, uniqueId, name: subject })).toBe(uniqueId)
  })

  it('is the name if there is nothing else', () => {
    expect(principalIn({ arn: null, uniqueId: null, name: 'ecs.amazonaws.com' })).toBe('ecs.amazonaws.com')
    expect(principalIn({ arn: null, uniqueId: null, name: null })).toBe(null)
  })
})

describe('the message that an audit record names', () => {
  const step = { kind: 'rejected' as const, atMs: 0, why: 'no' }
  const entry = entryFor(sampleProposal({ card: CARD }), step, 'test')

  it('is the posted card, which a stored record keeps', () => {
    expect(entry.card).toEqual({ channel: 'C0DEPLOYS', ts: '1795521600.000100' })
    const parsed = parseAuditRecord(storedForm(linkRecord(null, entry)))
    expect(parsed.ok && parsed.value.entry.card).toEqual(entry.card)
  })

  it('makes no other entry of one that an earlier version recorded without it', () => {
    const { card: _, ...earlier } = entry
    expect(sameEntry(earlier, entry)).toBe(true)
    expect(sameEntry(earlier, { ...entry, why: 'another' })).toBe(false)
  })
})
