/** Every form of the deployment can be synthesized offline. */
import { describe, expect, it } from 'vitest'
import { releasedTemplates } from '../../infra/released/templates.ts'
import { type Deployed, deploy, ORGANIZATION } from './deployment.ts'
import { inAccount } from './resolved.ts'

/** Settings that no other test uses, so that the cache of `deploy` does not apply. */
const unused = { tags: { form: 'measured' } }
const inPartition = (region: string, otherRegions: readonly string[], slack: object = {}) =>
  deploy(
    {
      ...unused,
      region,
      otherRegions,
      organization: { id: ORGANIZATION.id, hubAccountId: ORGANIZATION.hubAccountId },
      slack: { teamId: 'T0OURS', appId: 'A0OURS', ...slack },
    },
    { protected: ['arn:*:iam::*:role/break-glass*'] },
  )
const text = (deployed: Deployed) => JSON.stringify(deployed.templates)

describe('all forms together', () => {
  it('are synthesized: one account, an organization, released, GovCloud, China', () => {
    const one = deploy(unused)
    const organization = deploy({ ...unused, organization: ORGANIZATION })
    const released = releasedTemplates('9.9.9')
    const gov = inPartition('us-gov-west-1', ['us-gov-east-1'], { apiUrl: 'https://slack-gov.com/api/' })
    const china = inPartition('cn-northwest-1', ['cn-north-1'])

    // The reader-only form is the same template with a parameter.
    for (const deployed of [one, organization, gov, china])
      expect(JSON.stringify(deployed.templates['rolemedic-roles'])).toContain('"WriterRole"')
    expect(released.length).toBe(8)

    // No ARN of another partition, and none that is fixed where the deployment decides.
    for (const [deployed, partition] of [
      [gov, 'aws-us-gov'],
      [china, 'aws-cn'],
    ] as const) {
      const others = (text(deployed).match(/arn:aws[a-z-]*:/g) ?? []).filter(arn => arn !== `arn:${partition}:`)
      expect([partition, others]).toEqual([partition, []])
    }
    expect(text(gov)).toContain('"SLACK_API_URL":"https://slack-gov.com/api/"')
    expect(text(china)).not.toContain('SLACK_API_URL')
  })
})

describe('a released template', () => {
  const released = releasedTemplates('9.9.8')
  const idsOf = (template: object, types: readonly string[]) =>
    Object.entries((template as { readonly Resources: { readonly [id: string]: { readonly Type: string } } }).Resources)
      .filter(([, { Type }]) => types.includes(Type))
      .map(([id]) => id)
      .toSorted()

  it('has what holds data under the ids of the CDK’s templates', () => {
    const types = [
      'AWS::DynamoDB::Table',
      'AWS::DynamoDB::GlobalTable',
      'AWS::S3::Bucket',
      'AWS::KMS::Key',
      'AWS::SNS::Topic',
      'AWS::SecretsManager::Secret',
      'AWS::SQS::Queue',
    ]
    // A parameter makes the second key of each use.
    const at = ['2026-12-01T09:00:00Z']
    const keyRotations = { decisions: at, attestations: at, outcomes: at, enrollments: at }
    const { templates } = deploy({ organization: ORGANIZATION, keyRotations })
    for (const { form, stack, template } of released.filter(one => /state|bot/.test(one.stack)))
      expect([form, stack, idsOf(template, types)]).toEqual([form, stack, idsOf(templates[stack] ?? {}, types)])
  })

  it.each([
    ['', '', false],
    ['T0OURS', '', true],
    ['', 'E0OURS', true],
    ['T0OURS', 'E0OURS', true],
  ])('of the bot, with workspace "%s" and organization "%s" of Slack, may be deployed: %s', (team, enterprise, may) => {
    const bots = released.filter(({ stack }) => stack === 'rolemedic-bot')
    expect(bots.length).toBe(2)
    for (const { template } of bots) {
      const { Rules } = template as { readonly Rules?: Readonly<Record<string, { readonly Assertions: Assertions }>> }
      const assertions = Object.values(Rules ?? {}).flatMap(({ Assertions }) => Assertions)
      const parameters = { SlackTeamId: team, SlackEnterpriseId: enterprise }
      expect(assertions.every(({ Assert }) => holds(Assert, parameters))).toBe(may)
    }
  })

  it('lets in the same functions under the same conditions', () => {
    const { templates } = deploy({ organization: { id: 'o-abc1234567', hubAccountId: '111122223333' } })
    const cdk = inAccount(templates['rolemedic-roles'], '444455556666')
    const roles = released.find(({ form, stack }) => form === 'organization' && stack === 'rolemedic-roles')?.template
    const given = JSON.parse(
      JSON.stringify(roles)
        .replaceAll('{"Ref":"HubAccountId"}', '"111122223333"')
        .replaceAll('{"Ref":"OrganizationId"}', '"o-abc1234567"')
        .replaceAll('{"Ref":"WriterExternalId"}', '"rolemedic-writer"'),
    )
    const plain = inAccount(given, '444455556666')
    for (const role of ['rolemedic-reader', 'rolemedic-writer']) expect(plain.trust(role)).toEqual(cdk.trust(role))
  })
})

type Assertions = readonly { readonly Assert: Expression }[]
type Expression = { readonly [call: string]: readonly unknown[] }

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html */
function holds(expression: Expression, parameters: { readonly [name: string]: string }): boolean {
  const [[call, given] = ['', []]] = Object.entries(expression)
  const each = given as readonly Expression[]
  const value = (one: unknown) => (typeof one === 'string' ? one : parameters[(one as { readonly Ref: string }).Ref])
  switch (call) {
    case 'Fn::Not':
      return !each.some(one => holds(one, parameters))
    case 'Fn::And':
      return each.every(one => holds(one, parameters))
    case 'Fn::Or':
      return each.some(one => holds(one, parameters))
    case 'Fn::Equals':
      return value(given[0]) === value(given[1])
    default:
      throw new Error(`no function of a rule: ${call}`)
  }
}
