/** Roles that guides and consoles expect to exist, and how to create each. */
import { parseRoleArn } from '../../iam/index.ts'

export type Creation = { readonly text: string; readonly command: string }

type WellKnown = { readonly service: string; readonly policy: string; readonly use: string }

const BY_NAME: { readonly [name: string]: WellKnown } = {
  'rds-monitoring-role': {
    service: 'monitoring.rds.amazonaws.com',
    policy: 'service-role/AmazonRDSEnhancedMonitoringRole',
    use: 'RDS enhanced monitoring',
  },
  ecstaskexecutionrole: {
    service: 'ecs-tasks.amazonaws.com',
    policy: 'service-role/AmazonECSTaskExecutionRolePolicy',
    use: 'ECS task execution',
  },
  ecsinstancerole: {
    service: 'ec2.amazonaws.com',
    policy: 'service-role/AmazonEC2ContainerServiceforEC2Role',
    use: 'ECS container instances',
  },
  awsbatchservicerole: {
    service: 'batch.amazonaws.com',
    policy: 'service-role/AWSBatchServiceRole',
    use: 'AWS Batch',
  },
  'dms-vpc-role': {
    service: 'dms.amazonaws.com',
    policy: 'service-role/AmazonDMSVPCManagementRole',
    use: 'Database Migration Service',
  },
  emr_defaultrole: {
    service: 'elasticmapreduce.amazonaws.com',
    policy: 'service-role/AmazonElasticMapReduceRole',
    use: 'EMR',
  },
  'aws-elasticbeanstalk-ec2-role': {
    service: 'ec2.amazonaws.com',
    policy: 'AWSElasticBeanstalkWebTier',
    use: 'Elastic Beanstalk instances',
  },
  'aws-elasticbeanstalk-service-role': {
    service: 'elasticbeanstalk.amazonaws.com',
    policy: 'service-role/AWSElasticBeanstalkEnhancedHealth',
    use: 'Elastic Beanstalk',
  },
}

/** How to create a role that does not exist. Null: no guide uses this name. */
export function creationOf(arn: string): Creation | null {
  const role = parseRoleArn(arn)
  if (role === null) return null
  const linked = /^\/aws-service-role\/([^/]+)\/$/.exec(role.path)?.[1]
  if (linked !== undefined) {
    return {
      text: `Create ${role.name}, the service-linked role of ${linked}: it exists once it is created for that service.`,
      command: `aws iam create-service-linked-role --aws-service-name ${linked}`,
    }
  }
  const key = role.name.toLowerCase()
  const known = Object.hasOwn(BY_NAME, key) ? BY_NAME[key] : undefined
  if (known === undefined) return null
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: known.service }, Action: 'sts:AssumeRole' }],
  })
  return {
    text: `Create ${role.name}, the role that guides use for ${known.use}: trusting ${known.service}, with the managed policy ${known.policy.replace('service-role/', '')}.`,
    command: `aws iam create-role --role-name ${role.name} --assume-role-policy-document '${trust}' && aws iam attach-role-policy --role-name ${role.name} --policy-arn arn:${role.partition}:iam::aws:policy/${known.policy}`,
  }
}

/** Names of roles that a console creates, all under one path. */
const BY_CONSOLE =
  /^(?:AmazonSageMaker-ExecutionRole-\d{8}T\d{6}|AWSGlueServiceRole-|AWSCodePipelineServiceRole-|codebuild-.{1,50}-service-role$|StepFunctions-.{1,50}-role-|Amazon_EventBridge_(?:Scheduler|Pipe|Invoke)_)/

/** Null: the name implies no path. */
export const consolePath = (name: string): string | null => (BY_CONSOLE.test(name) ? '/service-role/' : null)
