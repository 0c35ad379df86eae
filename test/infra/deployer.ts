/** The policies of who deploys, in `infra/policies`: generated from the templates, and enough for them under the SCPs of the hub. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { releasedTemplates } from '../../infra/released/templates.ts'
import { deployerPolicies, type TypedTemplate } from '../../tools/deployer/policies.ts'
import { deploy, ORGANIZATION } from './deployment.ts'

const released = releasedTemplates('1.2.3').map(({ template }) => template as TypedTemplate)
const ofCdk = Object.values(deploy({ organization: ORGANIZATION, alertEmails: ['oncall@corp.test'] }).templates)
const made = deployerPolicies(released)
const written = (name: string) =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, `../../infra/policies/${name}.json`), 'utf8')) as unknown

describe('the policies of who deploys', () => {
  it('are those that npm run deployer-policies writes', () => {
    expect(made.size).toBe(5)
    for (const [name, policy] of made) expect([name, written(name)]).toEqual([name, policy])
  })

  it('are enough for each type of resource, also with the CDK', () => {
    expect(deployerPolicies([...released, ...ofCdk]).get('deployer-resources')).toEqual(made.get('deployer-resources'))
    const unknown = { Resources: { A: { Type: 'AWS::EC2::Instance' } } }
    expect(() => deployerPolicies([unknown])).toThrow('does not know what AWS::EC2::Instance needs')
  })

  it('fit into managed policies, as the bootstrap of the CDK takes them', () => {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    for (const [name, policy] of made) expect([name, JSON.stringify(policy).length <= 6_144]).toEqual([name, true])
  })

  it('let nobody change IAM outside of the bot, nor read a secret', () => {
    const text = JSON.stringify([...made.values()])
    expect(text).not.toMatch(/GetSecretValue|PutSecretValue|"iam:\*"|"\*:\*"/)
    for (const { Statement } of made.values())
      for (const { Action, Resource } of Statement)
        if (Action.some(action => action.startsWith('iam:')))
          for (const one of Resource) expect(one).toMatch(/:(role|policy)\/rolemedic-\*$/)
  })
})
