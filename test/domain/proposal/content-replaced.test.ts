import { describe, expect, it } from 'vitest'
import { changeDigest, patchDigest } from '../../../core/patch/patch.ts'
import { entryFor } from '../../../functions/domain/audit/audit-entry.ts'
import { grantOf } from '../../../functions/domain/proposal/grant.ts'
import {
  approved,
  approvedBy,
  confirmedByRecord,
  contentReplaced,
  narrowed,
  reopened,
  successLookAtMs,
} from '../../../functions/domain/proposal/transitions.ts'
import { decisionSteps } from '../../../functions/workflows/record-decision.ts'
import { APPROVAL, HOUR, inStatus, MINUTE, NOON, sampleProposal, VERIFICATION } from '../../fakes/sample-proposal.ts'
import { KEYS } from '../../fakes/signing.ts'

const ring = await KEYS.ring()
const open = sampleProposal({ approvals: [APPROVAL] })
const { denial, diagnosis, requester } = open

/** The same role, for another service. */
const change = (() => {
  const [first] = open.patch.changes
  if (first === undefined) throw new Error('no change')
  const text = JSON.stringify(first).replace('ecs-tasks.amazonaws.com', 'lambda.amazonaws.com')
  const other = JSON.parse(text) as typeof first
  return { ...other, digest: changeDigest(other) }
})()
const patch = { changes: [change], digest: patchDigest([change]) }
const content = { patch, verification: VERIFICATION, followUps: [] }
const next = { denial, diagnosis, requester, content, template: null, code: null }
const LATER = NOON + 5 * MINUTE
const replaced = inStatus(contentReplaced(open, next, 'approval', { approvalExpiryHours: 8 }, LATER), 'open')

describe('a card whose content was replaced', () => {
  it('keeps its message, and has no approval and as much time as a new card', () => {
    expect(replaced).toMatchObject({
      id: open.id,
      card: open.card,
      approvals: [],
      patch: { digest: patch.digest },
      expiresAtMs: LATER + 8 * HOUR,
      dueAtMs: LATER + 2 * MINUTE,
      changed: { times: 1, because: 'approval', dropped: [APPROVAL.by], atMs: LATER },
    })
  })

  it('is looked for in the event history at the same times, also where it was approved meanwhile', () => {
    const begun = inStatus(
      sampleProposal({ status: 'applying', createdAtMs: NOON, leaseUntilMs: null, asked: null }),
      'applying',
    )
    const looksAt = (minutes: number) => {
      const again = reopened(begun, next, 'approval', { approvalExpiryHours: 8 }, NOON + minutes * MINUTE)
      return successLookAtMs(inStatus(again, 'open'))
    }
    expect([1, 3, 7].map(looksAt)).toEqual([2, 6, 18].map(minutes => NOON + minutes * MINUTE))
    expect(looksAt(19)).toBe(Number.POSITIVE_INFINITY)
  })

  it('counts how often, also when nobody had approved', () => {
    const twice = contentReplaced(replaced, next, 'revert', { approvalExpiryHours: 8 }, LATER)
    expect(twice.changed).toEqual({ times: 2, because: 'revert', dropped: [], atMs: LATER })
  })

  it('gives nothing for the approvals that were signed for the old content', () => {
    const restored = { ...replaced, approvals: open.approvals }
    const grant = grantOf(restored, ring)
    expect(grant).toMatchObject({ ok: false, error: { why: expect.stringContaining('is about another change') } })
    // With the old content, they are what they were.
    expect(grantOf(open, ring).ok).toBe(true)
  })

  it('records approvals of the new content beside those of the old', () => {
    const [old] = decisionSteps(open)
    const again = approved(replaced, { ...APPROVAL, signed: null }, LATER + MINUTE)
    const [first] = decisionSteps(again)
    const keys = [old, first].map(step => (step === undefined ? '' : entryFor(again, step, 'test').key))
    expect(keys).toEqual(['p-1/approved/0', 'p-1/approved/0/content-1'])
  })
})

describe('a denial that is taken alone', () => {
  it('has records of its own, as the approvals of the whole do not count for it', () => {
    const taken = approvedBy(narrowed(open, content, LATER), { ...APPROVAL, signed: null }, LATER)
    expect(taken.changed).toEqual({ times: 1, because: 'choice', dropped: [APPROVAL.by], atMs: LATER })
    const [step] = decisionSteps(taken)
    expect(step).toMatchObject({ kind: 'approved', n: 0, of: 'content-1' })
  })
})

describe('the requester of replaced content', () => {
  const KEYED = { ...denial, principal: { ...denial.principal, sessionKey: 'ASIAEXAMPLE000000001' } }
  const RUN = {
    ...{ tool: null, client: null, id: null, url: null, repository: null, ref: null, workflow: null, actor: null },
    ...{ person: null, chain: ['issued-1'], claimed: [] },
  }
  const unknown = { kind: 'unknown', why: 'people can assume this role', claimed: null } as const
  it.each([
    ['a person whom the records prove stays', { kind: 'person', userId: 'U0ADA' }, RUN, 'person'],
    ['a machine whose role people can enter by now does not', { kind: 'machine' }, RUN, 'unknown'],
    ['a person without records does not', { kind: 'person', userId: 'U0ADA' }, { ...RUN, chain: [] }, 'unknown'],
  ] as const)('%s', (_, requester, run, kind) => {
    const seen = inStatus(sampleProposal({ denial: KEYED, requester, run: { ...run, claimed: [] } }), 'open')
    expect(confirmedByRecord(seen, { ...seen, requester: unknown }, NOON).requester.kind).toBe(kind)
  })
})
