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
    expect(state('AWS::KMS::Key')).toEqual([
      'Key961B73FD',
      'AlertsKey9D05DB5E',
      'DecisionsKeyD8383887',
      'AttestationsKeyDC3A39B8',
      'OutcomesKeyF31882DD',
      'EnrollmentsKey87B72A6B',
      'AuditKeyB2DBB069',
    ])
    expect(state('AWS::KMS::Alias')).toContain('KeyAlias910D852D')
    expect(state('AWS::SNS::Topic')).toEqual(['Alerts91F83244'])
    expect(state('AWS::SecretsManager::Secret')).toEqual(['BotToken', 'SigningSecret', 'GitHosts'])
    expect(state('AWS::SQS::Queue')).toEqual([
      'DeadLettersintakeABBC4841',
      'DeadLetterspropose0F1544B7',
      'DeadLetterslook03272D43',
      'DeadLettersverify144F65C7',
      'DeadLetterswriteF4C3AF8C',
      'DeadLettersoutcome0E9B5892',
      'DeadLettersalert56A2EB1C',
      'DeadLetterspublish1E694EAB',
      'DeadLettersrules083CB32A',
      // Of the version before, which imports it until it is updated.
      'DeadLettersapply6C0023ED',
    ])
    expect(ids('AWS::SQS::Queue', 'rolemedic-bot')).toEqual([
      'Queueintake75EAEE37',
      'Queuepropose59EC619F',
      'QueuelookA6CF3B28',
      'QueueverifyB1E1F7BF',
      'Queuewrite90578C1E',
      'Queueoutcome324B9256',
      'Queuealert748B6617',
      'Queuepublish263C7AA9',
    ])
  })

  it('finds the functions at their queues, where Lambda allows no second mapping', () => {
    expect(ids('AWS::Lambda::EventSourceMapping', 'rolemedic-bot')).toEqual([
      'FunctionintakeSqsEventSourcerolemedicbotQueueintake5F4101D4A8A3EFE5',
      'FunctionproposeSqsEventSourcerolemedicbotQueueproposeFDB1E96C0D3580AD',
      'FunctionproposeSqsEventSourcerolemedicbotQueuelook90CF17C86B664E96',
      'FunctionverifySqsEventSourcerolemedicbotQueueverifyEB75F47715422C48',
      'FunctionverifySqsEventSourcerolemedicbotQueueoutcomeFDEBCE2C81E2F829',
      'FunctionwriteSqsEventSourcerolemedicbotQueuewrite09DA9790DC48F713',
      'FunctionalertSqsEventSourcerolemedicbotQueuealertD85229739EC50B67',
      'FunctionpublishSqsEventSourcerolemedicbotQueuepublish349EB6B9B2F6571B',
    ])
  })
})

describe('the version before, with one function that verified and wrote', () => {
  /** What its bot imports: CloudFormation refuses an update of the state that takes any of these away. */
  const IMPORTED = [
    'FnGetAttAuditBucketB01E0AE8Arn7D5F088E',
    'FnGetAttAuditKeyB2DBB069Arn5601654C',
    'FnGetAttDeadLettersalert56A2EB1CArn4E8F9A7F',
    'FnGetAttDeadLettersalert56A2EB1CQueueNameFD0B24D0',
    'FnGetAttDeadLettersapply6C0023EDArnF3E06914',
    'FnGetAttDeadLettersapply6C0023EDQueueName931A5FF1',
    'FnGetAttDeadLettersintakeABBC4841ArnC58CA1B4',
    'FnGetAttDeadLettersintakeABBC4841QueueName3084F157',
    'FnGetAttDeadLetterspropose0F1544B7ArnB45D17AA',
    'FnGetAttDeadLetterspropose0F1544B7QueueName910E393E',
    'FnGetAttDeadLetterspublish1E694EABArnDACE6649',
    'FnGetAttDeadLetterspublish1E694EABQueueName755299C2',
    'FnGetAttDeadLettersrules083CB32AArnB9805CD1',
    'FnGetAttDeadLettersrules083CB32AQueueName399CC2A5',
    'FnGetAttDecisionsKeyD8383887Arn465BB14D',
    'FnGetAttKey961B73FDArn5A860C43',
    'FnGetAttProposals97FA2A39ArnFE7E6904',
    'RefAlerts91F83244F0271852',
    'RefAuditBucketB01E0AE8C865AFBA',
    'RefBotToken5DE8B1CD',
    'RefGitHosts32CC7EE0',
    'RefProposals97FA2A39C81944F4',
    'RefSigningSecret1C6C4988',
  ]

  it('keeps everything that it takes from the state until it is updated itself', () => {
    const exported = JSON.stringify(one.templates['rolemedic-state'])
    expect(IMPORTED.filter(name => !exported.includes(`"rolemedic-state:ExportsOutput${name}"`))).toEqual([])
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
    expect(removed).toEqual([
      'rolemedic-state:ExportsOutputRefAlerts91F83244F0271852',
      'rolemedic-state:ExportsOutputFnGetAttAlertsKey9D05DB5EArn5BC9A7E2',
    ])
    expect(imported.filter(name => removed.includes(name))).toEqual([])
    expect(named(deploy({ existing: { topicArn } }), 'AWS::SNS::Topic')).toEqual([])
  })
})
