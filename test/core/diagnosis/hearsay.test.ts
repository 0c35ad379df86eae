import { describe, expect, it } from 'vitest'
import { type Diagnosis, isOffered, VERDICTS } from '../../../core/diagnosis/diagnosis.ts'
import { asHearsay } from '../../../core/diagnosis/hearsay.ts'
import { needsWitness } from '../../../functions/domain/authority/witness.ts'
import { approvalsNeeded } from '../../../functions/domain/proposal/approval-policy.ts'
import { DENIAL, sampleProposal, VERIFICATION } from '../../fakes/sample-proposal.ts'

const { diagnosis } = sampleProposal()
const GAP: Diagnosis = {
  ...diagnosis,
  gaps: [{ kind: 'identity', roles: ['arn:aws:iam::111122223333:role/app-task'] }],
}

describe('what only a text reports', () => {
  it('is likely at most, offered to two approvers, and says what is missing', () => {
    const heard = asHearsay(GAP)
    expect(heard).toMatchObject({ verdict: 'likely', unconfirmed: true })
    expect(heard.unknowns[0]?.fact).toBe('the record of CloudTrail itself')
    expect(isOffered(heard, false)).toBe(true)
    expect(approvalsNeeded({ verification: VERIFICATION, diagnosis: GAP }, { kind: 'machine' })).toBe(1)
    expect(approvalsNeeded({ verification: VERIFICATION, diagnosis: heard }, { kind: 'machine' })).toBe(2)
  })

  it('is offered no more than before where something else is in doubt too', () => {
    const heard = asHearsay({ ...GAP, verdict: 'likely' })
    expect(isOffered(heard, false)).toBe(false)
    expect(heard).not.toHaveProperty('unconfirmed')
  })

  it('never becomes surer', () => {
    const order = ['not-enough-evidence', 'not-ours', 'likely', 'proved']
    for (const verdict of VERDICTS)
      expect(order.indexOf(asHearsay({ ...GAP, verdict }).verdict)).toBeLessThanOrEqual(order.indexOf(verdict))
  })
})

describe('CloudTrail is asked before a change', () => {
  it('that a text asked for, whatever its risk, and for any other above low risk', () => {
    const record = { ...DENIAL, source: 'cloudtrail' as const }
    expect(needsWitness({ ...DENIAL, source: 'message' }, ['low'])).toBe(true)
    expect(needsWitness(record, ['low', 'low'])).toBe(false)
    expect(needsWitness(record, ['low', 'elevated'])).toBe(true)
    expect(needsWitness(record, ['high'])).toBe(true)
  })
})
