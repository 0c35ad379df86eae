import { describe, expect, it } from 'vitest'
import { codeCases, hunksOf, runCase } from './code-case.ts'

const cases = codeCases()

describe('sample repositories', () => {
  it.each(cases.map(one => [one.name, one] as const))('%s', (_, one) => {
    const outcome = runCase(one)
    const draft = outcome.outcome === 'draft' ? outcome.reason : undefined
    expect({ draft, exact: hunksOf(outcome) }).toEqual({ draft: one.draft, exact: one.exact ?? {} })
    if (outcome.outcome === 'exact' && one.address !== undefined) expect(outcome.edits[0]?.address).toBe(one.address)
  })
})

describe('a draft', () => {
  it('of a CDK app in Python has its snippet in Python', () => {
    const [one] = cases.filter(({ name }) => name === 'cdk-python/loop')
    if (one === undefined) throw new Error('no case')
    expect(runCase(one)).toMatchObject({
      outcome: 'draft',
      snippet: `# Inline policy rolemedic of role orders-deploy in account 111122223333.
role.add_to_policy(iam.PolicyStatement(
    sid="Rolemedic1a2b3c4d",
    actions=["iam:PassRole"],
    resources=["arn:aws:iam::111122223333:role/app/orders-task"],
    conditions={
        "StringEquals": {
            "iam:PassedToService": "ecs-tasks.amazonaws.com",
        },
    },
))
`,
    })
  })
})
