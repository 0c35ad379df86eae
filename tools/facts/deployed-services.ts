/** The services whose actions are packed: those of resources that CloudFormation makes, and what deploys call beside them. */
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'

/** Prefixes of actions that differ from the name in resource types, as in `states` for `AWS::StepFunctions`. */
const NAMED_OTHERWISE = [
  ...['acm', 'airflow', 'aoss', 'cloudfront-keyvaluestore', 'cognito-identity', 'cognito-idp', 'discovery', 'ds'],
  ...['elasticfilesystem', 'elasticmapreduce', 'es', 'firehose', 'geo', 'inspector2', 'iotdeviceadvisor', 'kafka'],
  ...['macie2', 'mediapackage-vod', 'medical-imaging', 'mobiletargeting', 'mq', 'profile', 'route53domains'],
  ...['route53-recovery-cluster', 'route53-recovery-control-config', 'schemas', 'ssm-sap', 'sso-directory', 'states'],
  ...['thinclient', 'timestream-influxdb'],
]

/** Deploys and what they run call these without making their resources in a template. */
const CALLED = [
  ...['account', 'ebs', 'ec2-instance-connect', 'ec2messages', 'ecr-public', 'eks-auth', 'execute-api', 'freetier'],
  ...['glacier', 'health', 'kafka-cluster', 'neptune-db', 'polly', 'pricing', 'rds-data', 'rds-db', 'redshift-data'],
  ...['resource-explorer', 'savingsplans', 'servicequotas', 'signin', 'ssmmessages', 'sts', 'support', 'swf', 'tag'],
]

let prefixes: ReadonlySet<string> | undefined

/** `service`: the prefix of its actions. */
export function isDeployed(service: string): boolean {
  prefixes ??= new Set([
    ...[...loadAwsServiceSpecSync().all('resource')].map(({ cloudFormationType }) =>
      (cloudFormationType.split('::')[1] ?? '').toLowerCase(),
    ),
    ...NAMED_OTHERWISE,
    ...CALLED,
  ])
  return prefixes.has(service) || prefixes.has(service.replaceAll('-', ''))
}
