/** SQS, SNS and Access Analyzer. */
import {
  AccessAnalyzerClient,
  CheckAccessNotGrantedCommand,
  CheckNoNewAccessCommand,
  ValidatePolicyCommand,
} from '@aws-sdk/client-accessanalyzer'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type Answer, jsonAnswer, queryAnswer, type Sample, type Wire } from './sample.ts'

const SNS = 'http://sns.amazonaws.com/doc/2010-03-31/'
export const TOPIC_WIRE: Wire = { kind: 'query', xmlns: SNS }
export const QUEUE_WIRE: Wire = { kind: 'json', version: '1.0', namespace: 'com.amazonaws.sqs' }
export const ANALYZER_WIRE: Wire = { kind: 'rest-json' }

export const WORK = {
  text: '{"kind":"propose","fingerprint":"0123456789abcdef"}',
  md5: '05642a0651d807a8e4372f6098d56ff4',
}

export function sentAnswer(md5: string): Answer {
  return jsonAnswer('1.0', {
    MessageId: '5fea7756-0ea4-451a-a703-a558b933e274',
    MD5OfMessageBody: md5,
    SequenceNumber: '18849496460467696128',
  })
}

const QUEUE: readonly Sample[] = [
  {
    call: 'client-sqs/SendMessage',
    send: settings =>
      new SQSClient(settings).send(
        new SendMessageCommand({
          QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/propose',
          MessageBody: WORK.text,
          DelaySeconds: 90,
        }),
      ),
    answer: sentAnswer(WORK.md5),
    reads: [],
  },
  {
    call: 'client-sqs/SendMessage',
    send: settings =>
      new SQSClient(settings).send(
        new SendMessageCommand({
          QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/apply.fifo',
          MessageBody: WORK.text,
          MessageGroupId: 'arn:aws:iam::111122223333:role/deployer',
          MessageDeduplicationId: 'p-1:apply',
        }),
      ),
    answer: sentAnswer(WORK.md5),
    reads: [],
  },
]

const TOPIC: readonly Sample[] = [
  {
    call: 'client-sns/Publish',
    send: settings =>
      new SNSClient(settings).send(
        new PublishCommand({
          TopicArn: 'arn:aws:sns:eu-west-1:111122223333:rolemedic-alerts',
          Subject: 'Denied: iam:PassRole (3 times)',
          Message: '{"default":"größer & mehr","sms":"kurz"}',
          MessageStructure: 'json',
        }),
      ),
    answer: queryAnswer(SNS, 'Publish', '<MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId>'),
    reads: [],
  },
]

function toAnalyzer(
  operation: string,
  send: (client: AccessAnalyzerClient) => Promise<object>,
  content: object,
  reads: readonly string[],
): Sample {
  return {
    call: `client-accessanalyzer/${operation}`,
    send: settings => send(new AccessAnalyzerClient(settings)),
    answer: jsonAnswer('rest', content),
    reads,
  }
}

const document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}]}'

const ANALYZER: readonly Sample[] = [
  toAnalyzer(
    'ValidatePolicy',
    client =>
      client.send(
        new ValidatePolicyCommand({
          policyDocument: document,
          policyType: 'RESOURCE_POLICY',
          validatePolicyResourceType: 'AWS::IAM::AssumeRolePolicyDocument',
        }),
      ),
    {
      findings: [
        {
          findingType: 'SECURITY_WARNING',
          findingDetails: 'PassRole on everything',
          issueCode: 'PASS_ROLE_WITH_STAR_IN_RESOURCE',
          learnMoreLink: 'https://docs.aws.amazon.com',
          locations: [{ path: [{ value: 'Statement' }], span: { start: { line: 1, column: 2, offset: 3 } } }],
        },
      ],
      nextToken: 'page-2',
    },
    ['findings.0.findingType', 'findings.0.findingDetails'],
  ),
  toAnalyzer(
    'CheckNoNewAccess',
    client =>
      client.send(
        new CheckNoNewAccessCommand({
          existingPolicyDocument: document,
          newPolicyDocument: document,
          policyType: 'IDENTITY_POLICY',
        }),
      ),
    {
      result: 'FAIL',
      message: 'the new document grants more',
      reasons: [{ description: 'more in statement 1', statementIndex: 1, statementId: 'Own' }],
    },
    ['result', 'reasons.0.description', 'reasons.0.statementIndex'],
  ),
  toAnalyzer(
    'CheckAccessNotGranted',
    client =>
      client.send(
        new CheckAccessNotGrantedCommand({
          policyDocument: document,
          access: [{ actions: ['iam:CreateUser', 'iam:AttachRolePolicy'] }],
          policyType: 'IDENTITY_POLICY',
        }),
      ),
    { result: 'FAIL', message: 'it grants iam:CreateUser', reasons: [{ description: 'statement 0' }] },
    ['result', 'message'],
  ),
]

export const MESSAGES: readonly Sample[] = [...QUEUE, ...TOPIC, ...ANALYZER]
