/** The policies of who deploys, in `infra/policies`: generated from the templates, and enough for them under the SCPs of the hub. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { releasedTemplates } from '../../infra/released/templates.ts'
import { deployerPolicies, type TypedTemplate } from '../../tools/deployer/policies.ts'
import { deploy, ORGANIZATION } from './deployment.ts'
import {
  ASSETS,
  answerTo,
  arn,
  BUS,
  type Call,
  DEPLOYMENT,
  FUNCTION,
  KEY,
  MAPPING,
  QUEUE,
  ROLE,
  RULE,
  roleArn,
  SECRET,
  TABLE,
  TOPIC,
} from './hub-policies.ts'

const released = releasedTemplates('1.2.3').map(({ template }) => template as TypedTemplate)
const ofCdk = Object.values(deploy({ organization: ORGANIZATION, alertEmails: ['oncall@corp.test'] }).templates)
const made = deployerPolicies(released)
const written = (name: string) =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, `../../infra/policies/${name}.json`), 'utf8')) as unknown

/** Who makes a thing with tags also needs the right to tag it. */
const TAGGED: { readonly [type: string]: Call } = {
  'AWS::ApiGatewayV2::Api': ['apigateway:POST', 'arn:aws:apigateway:eu-west-1::/tags/a'],
  'AWS::ApiGatewayV2::DomainName': ['apigateway:POST', 'arn:aws:apigateway:eu-west-1::/tags/a'],
  'AWS::ApiGatewayV2::Stage': ['apigateway:POST', 'arn:aws:apigateway:eu-west-1::/tags/a'],
  'AWS::CloudWatch::Alarm': ['cloudwatch:TagResource', arn('cloudwatch', 'alarm:rolemedic-forged-decide')],
  'AWS::DynamoDB::Table': ['dynamodb:TagResource', TABLE],
  'AWS::Events::EventBus': ['events:TagResource', BUS],
  'AWS::Events::Rule': ['events:TagResource', RULE],
  'AWS::IAM::Role': ['iam:TagRole', ROLE],
  'AWS::KMS::Key': ['kms:TagResource', KEY],
  // https://docs.aws.amazon.com/lambda/latest/dg/tags-esm.html
  'AWS::Lambda::EventSourceMapping': ['lambda:TagResource', MAPPING],
  'AWS::Lambda::Function': ['lambda:TagResource', FUNCTION],
  'AWS::Logs::LogGroup': ['logs:TagResource', arn('logs', 'log-group:/aws/lambda/rolemedic-write:*')],
  'AWS::S3::Bucket': ['s3:PutBucketTagging', 'arn:aws:s3:::rolemedic-state-auditbucket-1a2b'],
  'AWS::SNS::Topic': ['sns:TagResource', TOPIC],
  'AWS::SQS::Queue': ['sqs:TagQueue', QUEUE],
  'AWS::Scheduler::ScheduleGroup': ['scheduler:TagResource', arn('scheduler', 'schedule-group/rolemedic')],
  'AWS::SecretsManager::Secret': ['secretsmanager:TagResource', SECRET],
}

describe('the policies of who deploys', () => {
  it('let it tag everything that has tags in a template', () => {
    const tagged = [...released, ...ofCdk].flatMap(({ Resources }) =>
      Object.values(Resources).flatMap(({ Type, ...one }) => (JSON.stringify(one).includes('"Tags"') ? [Type] : [])),
    )
    expect(Object.keys(TAGGED)).toEqual(expect.arrayContaining([...new Set(tagged)]))
    const deploys = roleArn('platform-deploys-rolemedic')
    for (const [type, call] of Object.entries(TAGGED))
      expect([type, answerTo(deploys, [made.get('deployer-resources')], ...call)]).toEqual([type, 'allowed'])
  })

  it('let CloudFormation read the code where the CDK puts it, as nobody else does it for a function', () => {
    const read = ['s3:GetObject', `${ASSETS}/0a1b2c.zip`] as const
    expect(answerTo(roleArn(DEPLOYMENT), [made.get('deployer-cdk-execution')], ...read)).toBe('allowed')
  })

  it('are those that npm run deployer-policies writes', () => {
    expect(made.size).toBe(6)
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
