/** Existing deployments are updated in place: names are fixed, so a second resource would be refused. */
import { describe, expect, it } from 'vitest'
import { deploy, named } from './deployment.ts'

const one = deploy({ organization: null })
const ids = (type: string, stack: string) => named(one, type, stack).map(([id]) => id)

describe('an upgrade', () => {
  it('finds what holds data under the ids that it was made under', () => {
    const state = (type: string) => ids(type, 'rolemedic-state')
    expect(state('AWS::DynamoDB::Table')).toEqual(['Proposals97FA2A39'])
    expect(state('AWS::S3::Bucket')).toEqual(['AuditBucketB01E0AE8'])
    expect(state('AWS::KMS::Key')).toEqual(['Key961B73FD', 'DecisionsKeyD8383887', 'AuditKeyB2DBB069'])
    expect(state('AWS::KMS::Alias')).toContain('KeyAlias910D852D')
    expect(state('AWS::SNS::Topic')).toEqual(['Alerts91F83244'])
    expect(state('AWS::SecretsManager::Secret')).toEqual(['BotToken', 'SigningSecret', 'GitHosts'])
    expect(state('AWS::SQS::Queue')).toEqual([
      'DeadLettersintakeABBC4841',
      'DeadLetterspropose0F1544B7',
      'DeadLettersapply6C0023ED',
      'DeadLettersalert56A2EB1C',
      'DeadLetterspublish1E694EAB',
      'DeadLettersrules083CB32A',
    ])
    expect(ids('AWS::SQS::Queue', 'rolemedic-bot')).toEqual([
      'Queueintake75EAEE37',
      'Queuepropose59EC619F',
      'Queueapply1E9CB144',
      'Queuealert748B6617',
      'Queuepublish263C7AA9',
    ])
  })

  it('finds the functions at their queues, where Lambda allows no second mapping', () => {
    expect(ids('AWS::Lambda::EventSourceMapping', 'rolemedic-bot')).toEqual([
      'FunctionintakeSqsEventSourcerolemedicbotQueueintake5F4101D4A8A3EFE5',
      'FunctionproposeSqsEventSourcerolemedicbotQueueproposeFDB1E96C0D3580AD',
      'FunctionapplySqsEventSourcerolemedicbotQueueapply4636B4DDE4F7BC99',
      'FunctionalertSqsEventSourcerolemedicbotQueuealertD85229739EC50B67',
      'FunctionpublishSqsEventSourcerolemedicbotQueuepublish349EB6B9B2F6571B',
    ])
  })
})

describe('existing things that are named after the first deployment', () => {
  it('let the bot go first: it asks the state for nothing that is not there, and no more for what goes', () => {
    const topicArn = 'arn:aws:sns:eu-west-1:111122223333:oncall'
    const before = deploy({}).templates
    const after = deploy({ existing: { topicArn } }).templates
    const exportsIn = (template: unknown): readonly string[] =>
      JSON.stringify(template).match(/rolemedic-state:ExportsOutput\w+/g) ?? []
    const imported = exportsIn(after['rolemedic-bot'])
    const exported = { before: exportsIn(before['rolemedic-state']), after: exportsIn(after['rolemedic-state']) }
    expect(imported.filter(name => !exported.before.includes(name))).toEqual([])
    const removed = exported.before.filter(name => !exported.after.includes(name))
    expect(removed).toEqual(['rolemedic-state:ExportsOutputRefAlerts91F83244F0271852'])
    expect(imported.filter(name => removed.includes(name))).toEqual([])
    expect(named(deploy({ existing: { topicArn } }), 'AWS::SNS::Topic')).toEqual([])
  })
})
