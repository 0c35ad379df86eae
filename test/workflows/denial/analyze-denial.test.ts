import { describe, expect, it } from 'vitest'
import { analyzeCase, caseFile, inputOf } from '../../case-run.ts'

async function refusalOf(name: string, file: string) {
  const cases = caseFile(file)
  const one = cases.cases.find(each => each.name === name)
  if (one === undefined) throw new Error(`no case is called ${name}`)
  return (await analyzeCase(inputOf(cases, one))).refusal
}

describe('a cause that is likely and not proved', () => {
  it('is refused with what was not seen and why, guardrails that were not read aside', async () => {
    const name = "a session in an instance's name with unknown delivery leaves the deny open"
    expect(await refusalOf(name, 'guarded/keys-not-in-the-request.json')).toEqual({
      code: 'not-proved',
      message:
        'The cause is likely and not proved, so no change is offered. Not seen: ec2:RoleDelivery (the event does not show ec2:RoleDelivery).',
      owner: null,
    })
  })
})

describe('a role that another role enters', () => {
  const HOME = 'arn:aws:iam::111122223333'
  const GITHUB = { Federated: `${HOME}:oidc-provider/token.actions.githubusercontent.com` }
  const PEOPLE = { AWS: `${HOME}:root` }
  const trust = (...principals: readonly object[]) => ({
    Version: '2012-10-17',
    Statement: principals.map(Principal => ({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' })),
  })
  type Role = { readonly RoleName: string; readonly Arn: string; readonly AssumeRolePolicyDocument: object }

  /** `ci`: the trust policy of the role that the caller's names. Null: it is gone. */
  async function requesterWith(ci: object | null) {
    const cases = caseFile('pass-role/ecs.json')
    const [one] = cases.cases
    if (one === undefined) throw new Error('no case')
    const input = inputOf(cases, one)
    const accounts = input.accounts.map(({ name, text }) => {
      const account = JSON.parse(text) as { readonly RoleDetailList: readonly Role[] }
      const roles = account.RoleDetailList.map(role =>
        role.RoleName === 'orders-deploy'
          ? { ...role, AssumeRolePolicyDocument: trust({ AWS: `${HOME}:role/ci` }) }
          : role,
      )
      const [like] = roles
      const entering = { ...like, RoleName: 'ci', Arn: `${HOME}:role/ci`, RolePolicyList: [] }
      const others = ci === null ? [] : [{ ...entering, AssumeRolePolicyDocument: ci }]
      return { name, text: JSON.stringify({ ...account, RoleDetailList: [...roles, ...others] }) }
    })
    const { requester, verified } = await analyzeCase({ ...input, accounts })
    expect(verified).not.toBe(null)
    return requester.kind
  }

  it('is a machine while only machines enter that one, whenever it is analyzed', async () => {
    expect(await requesterWith(trust(GITHUB))).toBe('machine')
    expect(await requesterWith(trust(GITHUB, PEOPLE))).toBe('unknown')
    expect(await requesterWith(trust(PEOPLE))).toBe('unknown')
    expect(await requesterWith(null)).toBe('unknown')
  })
})
