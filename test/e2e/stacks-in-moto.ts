/** The stacks of the hub in moto, as CloudFormation makes them, and by their own calls what moto's CloudFormation cannot make. */
import { CloudFormationClient, CreateStackCommand, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation'
import { CreateAliasCommand, KMSClient } from '@aws-sdk/client-kms'
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  type ObjectLockConfiguration,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { GetQueueUrlCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { askAws } from '../../cli/live/ask-aws.ts'
import type { Template } from '../infra/deployment.ts'
import { inAccount } from '../infra/resolved.ts'
import type { MotoClient } from './moto.ts'

type Json = { readonly [name: string]: unknown }
type Whole = Template & {
  readonly Outputs?: {
    readonly [name: string]: { readonly Value: unknown; readonly Export?: { readonly Name: string } }
  }
}

/** What moto's CloudFormation makes of ours. */
const MADE =
  /^AWS::(DynamoDB::Table|Events::(EventBus|Rule)|IAM::(Role|Policy|ManagedPolicy)|KMS::Key|Lambda::(Function|EventSourceMapping)|Logs::LogGroup|S3::Bucket|SNS::Topic|SQS::Queue)$/

const EMPTY_ZIP = Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64')

export async function stacksInMoto(
  client: MotoClient,
  accountId: string,
  templates: { readonly [name: string]: Template },
  outputs: { readonly [name: string]: string },
): Promise<void> {
  const { region } = client
  const cloudFormation = new CloudFormationClient({ ...client, maxAttempts: 1 })
  const assets = `cdk-hnb659fds-assets-${accountId}-${region}`
  const s3 = new S3Client({ ...client, forcePathStyle: true })
  await s3.send(
    new CreateBucketCommand({
      Bucket: assets,
      CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint },
    }),
  )
  const exported = new Set<string>()
  for (const StackName of ['rolemedic-state', 'rolemedic-bot']) {
    const template = templates[StackName] as Whole
    const Resources = Object.fromEntries(Object.entries(template.Resources).filter(([, { Type }]) => MADE.test(Type)))
    for (const { Type, Properties } of Object.values(Resources))
      if (Type === 'AWS::Lambda::Function')
        await s3.send(
          new PutObjectCommand({ Bucket: assets, Key: String((Properties['Code'] as Json)['S3Key']), Body: EMPTY_ZIP }),
        )
    const isMade = (text: string) =>
      [...text.matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)].every(
        ([, id = '']) => id in Resources || id.startsWith('AWS::'),
      )
    const Outputs = Object.fromEntries(
      Object.entries(template.Outputs ?? {}).flatMap(([name, output]) => {
        const one = outputs[name] === undefined ? output : { ...output, Value: outputs[name] }
        if (!isMade(JSON.stringify(one.Value))) return []
        if (one.Export !== undefined) exported.add(one.Export.Name)
        return [[name, one]]
      }),
    )
    const made = replaced({ Resources, Outputs }, value => {
      const name = value['Fn::ImportValue']
      if (typeof name === 'string' && !exported.has(name))
        return `arn:aws:secretsmanager:${region}:${accountId}:secret:${name.split(':').at(-1)}`
      // moto takes the policy of a key as text alone, and judges nothing by its conditions.
      if ('KeyPolicy' in value) return { ...value, KeyPolicy: '' }
      // moto takes the bus of a rule by its name alone.
      const bus = Resources[String(value['Ref'])]
      if (bus?.Type === 'AWS::Events::EventBus') return bus.Properties['Name']
      const ref = value['Ref'] ?? (Array.isArray(value['Fn::GetAtt']) ? value['Fn::GetAtt'][0] : undefined)
      return typeof ref === 'string' && !ref.startsWith('AWS::') && !(ref in Resources) ? `no-${ref}` : value
    }) as { Resources: { [id: string]: { DependsOn?: unknown } } }
    for (const resource of Object.values(made.Resources)) delete resource.DependsOn
    await cloudFormation.send(
      new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(made), Capabilities: ['CAPABILITY_NAMED_IAM'] }),
    )
    await toppedUp(client, accountId, template, await physicalIds(cloudFormation, StackName))
  }
}

function replaced(value: unknown, by: (one: Json) => unknown): unknown {
  if (Array.isArray(value)) return value.map(one => replaced(one, by))
  if (typeof value !== 'object' || value === null) return value
  const changed = by(value as Json)
  if (changed !== value) return changed
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, replaced(one, by)]))
}

async function physicalIds(client: CloudFormationClient, StackName: string): Promise<ReadonlyMap<string, string>> {
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName }))
  return new Map(
    StackResources.map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => [
      LogicalResourceId,
      PhysicalResourceId,
    ]),
  )
}

async function toppedUp(
  client: MotoClient,
  accountId: string,
  template: Template,
  ids: ReadonlyMap<string, string>,
): Promise<void> {
  const { region } = client
  const resolved = inAccount(template, accountId, region)
  const sqs = new SQSClient(client)
  const nameOf = (id: string) => ids.get(id)?.split('/').at(-1) ?? ''
  const document = (text: unknown) =>
    JSON.stringify(text).replace(/<(\w+)\.Arn>/g, (_, id: string) =>
      /Bucket/.test(id) ? `arn:aws:s3:::${nameOf(id)}` : `arn:aws:sqs:${region}:${accountId}:${nameOf(id)}`,
    )
  for (const { Queues, PolicyDocument } of resolved.all('AWS::SQS::QueuePolicy'))
    for (const queue of Queues as readonly string[]) {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: nameOf(queue.slice(1, -1)) }))
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: document(PolicyDocument) } }))
    }
  for (const { AliasName, TargetKeyId } of resolved.all('AWS::KMS::Alias')) {
    const key = /^<(\w+)\.Arn>$/.exec(String(TargetKeyId))?.[1] ?? ''
    await new KMSClient(client).send(
      new CreateAliasCommand({ AliasName: String(AliasName), TargetKeyId: ids.get(key) ?? '' }),
    )
  }
  const aws = askAws(client, { env: { AWS_ENDPOINT_URL: client.endpoint } })
  for (const alarm of resolved.all('AWS::CloudWatch::Alarm'))
    await aws.query('monitoring', '2010-08-01', 'PutMetricAlarm', {
      ...{ AlarmName: String(alarm['AlarmName']), AlarmDescription: String(alarm['AlarmDescription']) },
      ...{
        MetricName: 'any',
        Namespace: 'any',
        Statistic: 'Sum',
        Period: '60',
        EvaluationPeriods: '1',
        Threshold: '1',
      },
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    })
  const s3 = new S3Client({ ...client, forcePathStyle: true })
  for (const [id, { Type, Properties }] of Object.entries(template.Resources))
    if (Type === 'AWS::S3::Bucket') {
      const Bucket = nameOf(id)
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
      await s3.send(
        new PutObjectLockConfigurationCommand({
          Bucket,
          ObjectLockConfiguration: Properties['ObjectLockConfiguration'] as ObjectLockConfiguration,
        }),
      )
    }
  for (const { Bucket, PolicyDocument } of resolved.all('AWS::S3::BucketPolicy'))
    await s3.send(
      new PutBucketPolicyCommand({ Bucket: nameOf(String(Bucket).slice(1, -1)), Policy: document(PolicyDocument) }),
    )
}
