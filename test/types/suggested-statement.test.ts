import { expect, it } from 'vitest'
import type { PolicyDocument, Statement } from '../../core/iam/policy/policy-document.ts'
import type { PolicyChange } from '../../core/patch/patch.ts'
import { type SuggestedStatement, suggestedPolicyText } from '../../core/published-actions/index.ts'

const take = <T>(_: T): void => {}

/** Checked by the compiler, and never run. */
function whatDoesNotCompile(suggested: SuggestedStatement) {
  suggestedPolicyText([suggested])
  // @ts-expect-error a suggested statement is no statement of a policy
  take<Statement>(suggested)
  // @ts-expect-error nor a part of a document
  take<PolicyDocument>({ Version: '2012-10-17', Statement: [suggested] })
  // @ts-expect-error nor a change
  take<PolicyChange>(suggested)
  // @ts-expect-error and only statementFor makes one
  suggestedPolicyText([{ suggestedAction: 's3:GetObject', suggestedResource: '*' }])
}

it('a suggested statement is no part of a patch', () => {
  // The claim itself is checked by tsc, which fails on an unused expectation.
  expect(whatDoesNotCompile).toBeTypeOf('function')
})
