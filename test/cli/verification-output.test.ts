import { describe, expect, it } from 'vitest'
import { verificationOutput } from '../../cli/formats/diagnosis/json-output.ts'
import { verification as shape } from '../../cli/outputs/diagnosis.ts'
import { ABSENT_KEY, present } from '../../core/iam/conditions/context.ts'
import type { AccessRequest } from '../../core/iam/evaluation/evaluation.ts'
import { PROOF_OUTCOMES, type Verification } from '../../core/patch/verification/verification.ts'

const VERIFICATION: Verification = {
  before: 'denied',
  after: 'allowed',
  controls: { evaluated: 3, changed: 0 },
  risk: 'low',
  approvers: 1,
  guardrails: [],
  counterexample: null,
}
const PASSED: AccessRequest = {
  action: 'iam:PassRole',
  resource: 'arn:aws:iam::111122223333:role/orders-task',
  principalArn: 'arn:aws:sts::111122223333:assumed-role/deploy/run-1',
  roleArn: 'arn:aws:iam::111122223333:role/deploy',
  context: { 'iam:passedtoservice': present('ec2.amazonaws.com') },
}

describe('the proof in the JSON of a verification', () => {
  it.each([
    ['nothing-else', 'proved'],
    ['others-too', 'proved'],
    ['more', 'not-decided'],
  ] as const)('says of %s, without a request that shows more: %s', (outcome, proof) => {
    expect(verificationOutput({ ...VERIFICATION, proof: { outcome, detail: null } })).toMatchObject({
      proof,
      counterexample: null,
    })
  })

  it('knows every outcome', () => {
    for (const outcome of PROOF_OUTCOMES)
      expect(shape.safeParse(verificationOutput({ ...VERIFICATION, proof: { outcome, detail: null } })).success).toBe(
        true,
      )
  })

  it('is not decided where no proof was made', () => {
    expect(verificationOutput(VERIFICATION).proof).toBe('not-decided')
  })

  it('is refuted by a request, which it shows with the service that receives the role', () => {
    const refuted = {
      ...VERIFICATION,
      proof: { outcome: 'more' as const, detail: 'it reaches *' },
      counterexample: PASSED,
    }
    expect(verificationOutput(refuted)).toMatchObject({
      proof: 'refuted',
      counterexample: {
        principal: 'arn:aws:sts::111122223333:assumed-role/deploy/run-1',
        action: 'iam:PassRole',
        resource: 'arn:aws:iam::111122223333:role/orders-task',
        service: 'ec2.amazonaws.com',
      },
    })
  })

  it('shows no service where the request sends none', () => {
    for (const context of [{}, { 'iam:passedtoservice': ABSENT_KEY }])
      expect(
        verificationOutput({ ...VERIFICATION, counterexample: { ...PASSED, context } }).counterexample?.service,
      ).toBeNull()
  })
})
