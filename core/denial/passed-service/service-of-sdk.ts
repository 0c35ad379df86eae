/**
 * The event source of a service by the name that an SDK, a command line or a tool uses: `AmazonECS`, `Sfn`, `Bedrock Agent`,
 * `App Runner`.
 */

import { factServices } from './fact-files.ts'
import { eventSourceNamed } from './passed-service.ts'

/**
 * Names without blanks that differ from the event source: service ids of SDKs, then names that tools print.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html#ss-endpoints-sdk-table
 */
const SOURCES: { readonly [name: string]: string } = {
  apigatewayv2: 'apigateway',
  applicationautoscaling: 'application-autoscaling',
  bedrockagent: 'bedrock',
  bedrockagentcorecontrol: 'bedrock-agentcore',
  bedrockagentruntime: 'bedrock',
  bedrockdataautomation: 'bedrock',
  chimesdkmediapipelines: 'chime',
  chimesdkvoice: 'chime',
  cloudwatchevents: 'events',
  cloudwatchlogs: 'logs',
  cognitoidentityprovider: 'cognito-idp',
  cognitoidp: 'cognito-idp',
  configservice: 'config',
  customerprofiles: 'profile',
  databasemigration: 'dms',
  databasemigrationservice: 'dms',
  devopsagent: 'aidevops',
  docdb: 'rds',
  efs: 'elasticfilesystem',
  elasticsearch: 'es',
  elasticsearchservice: 'es',
  eventbridge: 'events',
  greengrassv2: 'greengrass',
  identitymanagement: 'iam',
  kinesisanalyticsv2: 'kinesisanalytics',
  kinesisfirehose: 'firehose',
  lambdainternal: 'lambda',
  lexmodelbuildingservice: 'lex',
  lexmodels: 'lex',
  lexmodelsv2: 'lex',
  lexv2models: 'lex',
  location: 'geo',
  mailmanager: 'ses',
  mwaaserverless: 'airflow-serverless',
  neptune: 'rds',
  neptunedata: 'neptune-db',
  pinpointsmsvoice: 'sms-voice',
  pinpointsmsvoicev2: 'sms-voice',
  resiliencehubv2: 'resiliencehub',
  s3control: 's3',
  securitytoken: 'sts',
  securitytokenservice: 'sts',
  sfn: 'states',
  simplesystemsmanagement: 'ssm',
  timestreamquery: 'timestream',
  timestreamwrite: 'timestream',

  bedrockagents: 'bedrock',
  cognitoidentitypool: 'cognito-identity',
  cognitouserpool: 'cognito-idp',
  datafirehose: 'firehose',
  eventbridgepipes: 'pipes',
  eventbridgescheduler: 'scheduler',
  iotcore: 'iot',
  kinesisdataanalytics: 'kinesisanalytics',
  kinesisdatafirehose: 'firehose',
  lexv2: 'lex',
  managedgrafana: 'grafana',
  managedprometheus: 'aps',
  msk: 'kafka',
  mskconnect: 'kafkaconnect',
  opensearchingestion: 'osis',
  opensearchservice: 'es',
  prometheus: 'aps',
  sagemakerai: 'sagemaker',
  stepfunction: 'states',
  systemsmanager: 'ssm',
  transferfamily: 'transfer',
  // https://github.com/aws/aws-cdk/issues/31522
  wesleyfrontend: 'eks',
}

let byPlainName: ReadonlyMap<string, string> | undefined

export function serviceOfSdk(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/^(?:aws|amazon)(?=.)/, '')
    .replaceAll(' ', '')
  byPlainName ??= new Map(factServices().map(service => [service.replaceAll('-', ''), service]))
  const known = Object.hasOwn(SOURCES, plain) ? SOURCES[plain] : byPlainName.get(plain.replaceAll('-', ''))
  return known ?? eventSourceNamed(plain)
}
