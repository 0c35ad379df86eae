/** Service names in texts, and the principal that a role's trust policy must name for each. */
const BY_NAME: { readonly [name: string]: string } = {
  amplify: 'amplify',
  'api gateway': 'apigateway',
  'app runner': 'tasks.apprunner',
  appflow: 'appflow',
  appsync: 'appsync',
  'auto scaling': 'autoscaling',
  backup: 'backup',
  batch: 'batch',
  bedrock: 'bedrock',
  chatbot: 'chatbot',
  cloudformation: 'cloudformation',
  cloudtrail: 'cloudtrail',
  cloudwatch: 'cloudwatch',
  'cloudwatch events': 'events',
  'cloudwatch logs': 'logs',
  codebuild: 'codebuild',
  codedeploy: 'codedeploy',
  codepipeline: 'codepipeline',
  cognito: 'cognito-idp',
  comprehend: 'comprehend',
  config: 'config',
  'data firehose': 'firehose',
  'data pipeline': 'datapipeline',
  databrew: 'databrew',
  datasync: 'datasync',
  'database migration service': 'dms',
  dms: 'dms',
  ec2: 'ec2',
  ecs: 'ecs-tasks',
  eks: 'eks',
  'elastic beanstalk': 'elasticbeanstalk',
  'elastic map reduce': 'elasticmapreduce',
  elasticmapreduce: 'elasticmapreduce',
  emr: 'elasticmapreduce',
  'emr serverless': 'emr-serverless',
  eventbridge: 'events',
  'eventbridge pipes': 'pipes',
  'eventbridge scheduler': 'scheduler',
  firehose: 'firehose',
  glue: 'glue',
  guardduty: 'malware-protection-plan.guardduty',
  inspector: 'inspector',
  iot: 'iot',
  kendra: 'kendra',
  'kinesis analytics': 'kinesisanalytics',
  'kinesis data analytics': 'kinesisanalytics',
  'kinesis firehose': 'firehose',
  lambda: 'lambda',
  lex: 'lexv2',
  'msk connect': 'kafkaconnect',
  opensearch: 'es',
  'opensearch service': 'es',
  personalize: 'personalize',
  pipes: 'pipes',
  quicksight: 'quicksight',
  rds: 'rds',
  redshift: 'redshift',
  rekognition: 'rekognition',
  s3: 's3',
  sagemaker: 'sagemaker',
  'sagemaker ai': 'sagemaker',
  scheduler: 'scheduler',
  sns: 'sns',
  ssm: 'ssm',
  states: 'states',
  'step functions': 'states',
  'systems manager': 'ssm',
  textract: 'textract',
  transcribe: 'transcribe',
  'transfer family': 'transfer',
  transfer: 'transfer',
  'vpc flow logs': 'vpc-flow-logs',
}

/** Calls whose role trusts another principal than the call's own service. */
const BY_CALL: { readonly [source: string]: { readonly [operation: string]: string } } = {
  ec2: { createflowlogs: 'vpc-flow-logs' },
  ecs: { createservice: 'ecs' },
  rds: { createdbproxy: 'rds', modifydbproxy: 'rds' },
}
const BY_SOURCE: { readonly [source: string]: string } = { ecs: 'ecs-tasks', rds: 'monitoring.rds' }

const PRINCIPAL = /^[a-z0-9.-]{2,60}\.amazonaws\.com(?:\.cn)?$/

/** For `AWS EventBridge Scheduler`, `lambda.amazonaws.com`; null for other text. */
export function servicePrincipal(name: string): string | null {
  const plain = name.trim().replace(/[.,;:]{1,3}$/, '')
  if (PRINCIPAL.test(plain)) return plain
  const key = plain
    .toLowerCase()
    .replace(/^(?:the )?(?:aws|amazon) /, '')
    .replace(/ service$/, '')
  return Object.hasOwn(BY_NAME, key) ? `${BY_NAME[key]}.amazonaws.com` : null
}

/** The principal that the passed role must trust; null for an unknown call. */
export function principalOfCall(call: {
  readonly eventSource: string | null
  readonly eventName: string | null
}): string | null {
  const source = call.eventSource?.replace(/\.amazonaws\.com(?:\.cn)?$/, '')
  if (source === undefined) return null
  const operation = call.eventName?.toLowerCase().replace(/\d{8}(?:v\d)?$/, '') ?? ''
  const operations = Object.hasOwn(BY_CALL, source) ? BY_CALL[source] : undefined
  const own = operations !== undefined && Object.hasOwn(operations, operation) ? operations[operation] : undefined
  return `${own ?? (Object.hasOwn(BY_SOURCE, source) ? BY_SOURCE[source] : undefined) ?? source}.amazonaws.com`
}
