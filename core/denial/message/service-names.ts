/** Service names in texts, and the principal that a role's trust policy must name for each. */
const BY_NAME: { readonly [name: string]: string } = {
  amplify: 'amplify',
  'api gateway': 'apigateway',
  'app runner': 'tasks.apprunner',
  appflow: 'appflow',
  'application auto scaling': 'application-autoscaling',
  appsync: 'appsync',
  'auto scaling': 'autoscaling',
  backup: 'backup',
  batch: 'batch',
  'bedrock agentcore': 'bedrock-agentcore',
  'bedrock knowledge base': 'bedrock',
  bedrock: 'bedrock',
  chatbot: 'chatbot',
  cloudformation: 'cloudformation',
  cloudtrail: 'cloudtrail',
  'cloudwatch events': 'events',
  'cloudwatch logs': 'logs',
  cloudwatch: 'cloudwatch',
  codebuild: 'codebuild',
  codedeploy: 'codedeploy',
  codepipeline: 'codepipeline',
  cognito: 'cognito-idp',
  comprehend: 'comprehend',
  config: 'config',
  'data firehose': 'firehose',
  'data lifecycle manager': 'dlm',
  'data pipeline': 'datapipeline',
  'database migration service': 'dms',
  databrew: 'databrew',
  datasync: 'datasync',
  dax: 'dax',
  dlm: 'dlm',
  dms: 'dms',
  'dynamodb accelerator': 'dax',
  'ec2 image builder': 'imagebuilder',
  ec2: 'ec2',
  ecs: 'ecs-tasks',
  eks: 'eks',
  'elastic beanstalk': 'elasticbeanstalk',
  'elastic container service': 'ecs-tasks',
  'elastic kubernetes service': 'eks',
  'elastic map reduce': 'elasticmapreduce',
  elasticmapreduce: 'elasticmapreduce',
  'elasticsearch service': 'es',
  elasticsearch: 'es',
  'elemental mediaconvert': 'mediaconvert',
  'elemental medialive': 'medialive',
  'emr serverless': 'emr-serverless',
  emr: 'elasticmapreduce',
  'eventbridge pipes': 'pipes',
  'eventbridge scheduler': 'scheduler',
  eventbridge: 'events',
  'fault injection service': 'fis',
  'fault injection simulator': 'fis',
  firehose: 'firehose',
  fis: 'fis',
  gamelift: 'gamelift',
  glue: 'glue',
  guardduty: 'malware-protection-plan.guardduty',
  healthlake: 'healthlake',
  healthomics: 'omics',
  'image builder': 'imagebuilder',
  inspector: 'inspector',
  'iot core': 'iot',
  iot: 'iot',
  kendra: 'kendra',
  'kinesis analytics': 'kinesisanalytics',
  'kinesis data analytics': 'kinesisanalytics',
  'kinesis data firehose': 'firehose',
  'kinesis firehose': 'firehose',
  lambda: 'lambda',
  lex: 'lexv2',
  'managed grafana': 'grafana',
  mediaconvert: 'mediaconvert',
  medialive: 'medialive',
  'msk connect': 'kafkaconnect',
  mwaa: 'airflow-env',
  omics: 'omics',
  'opensearch service': 'es',
  opensearch: 'es',
  personalize: 'personalize',
  pipes: 'pipes',
  quicksight: 'quicksight',
  rds: 'rds',
  redshift: 'redshift',
  rekognition: 'rekognition',
  s3: 's3',
  'sagemaker ai': 'sagemaker',
  sagemaker: 'sagemaker',
  scheduler: 'scheduler',
  'secrets manager': 'secretsmanager',
  'service catalog': 'servicecatalog',
  sns: 'sns',
  ssm: 'ssm',
  states: 'states',
  'step functions': 'states',
  'storage gateway': 'storagegateway',
  'systems manager': 'ssm',
  textract: 'textract',
  timestream: 'timestream',
  transcribe: 'transcribe',
  'transfer family': 'transfer',
  transfer: 'transfer',
  'vpc flow logs': 'vpc-flow-logs',
}

/** Calls whose role trusts another principal than the call's own service. */
const BY_CALL: { readonly [source: string]: { readonly [operation: string]: string } } = {
  apprunner: { createservice: 'tasks.apprunner', updateservice: 'tasks.apprunner' },
  autoscaling: { registerscalabletarget: 'application-autoscaling' },
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
