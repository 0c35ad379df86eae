import { describe, expect, it } from 'vitest'
import {
  passedRole,
  passedService,
  roleOperationNamed,
  roleOperationsOf,
  rolesPassedBy,
} from '../../../core/denial/passed-service/passed-service.ts'
import { NOTHING_KNOWN } from '../../fixtures/passed-service.ts'

const role = (name: string, partition = 'aws') => `arn:${partition}:iam::111122223333:role/${name}`
const call = (source: string, eventName: string) => ({ eventSource: `${source}.amazonaws.com`, eventName })
const names = (services: readonly string[]) => services.map(name => name.replace('.amazonaws.com', ''))

/** `evidence: value value`, with `or none` if the call may send no value, and who assumes the role. */
function known(source: string, name: string, parameter: string | null, partition = 'aws') {
  const { values, mayBeAbsent, assumedBy } = passedService(call(source, name), parameter, partition)
  const evidence = [...new Set(values.map(value => value.evidence))].join('+')
  const sends = names(values.map(value => value.service)).join(' ')
  return [`${evidence}: ${sends}${mayBeAbsent ? ' or none' : ''}`, names(assumedBy).join(' ')]
}

describe('what a call sends for a role, and who assumes it', () => {
  it.each([
    ['ecs', 'RegisterTaskDefinition', 'taskRoleArn', 'published: ecs-tasks', 'ecs-tasks'],
    ['ecs', 'RunTask', 'overrides.executionRoleArn', 'published: ecs-tasks', 'ecs-tasks'],
    ['ecs', 'UpdateService', 'volumeConfigurations[0].managedEBSVolume.roleArn', 'published: ecs', 'ecs'],
    ['lambda', 'CreateFunction20150331', 'role', 'published: lambda', 'lambda'],
    ['lambda', 'CreateFunction', 'role', 'published: lambda', 'lambda'],
    ['ec2', 'RunInstances', 'iamInstanceProfile', 'published: ec2', 'ec2'],
    [
      'ec2',
      'CreateFlowLogs',
      'CreateFlowLogsRequest.DeliverLogsPermissionArn',
      'published: vpc-flow-logs',
      'vpc-flow-logs',
    ],
    ['rds', 'CreateDBInstance', 'monitoringRoleArn', 'published: rds', 'monitoring.rds'],
    ['rds', 'CreateDBInstance', 'domainIAMRoleName', 'published: rds', 'directoryservice.rds rds'],
    ['rds', 'StartExportTask', 'iamRoleArn', 'published: rds', 'export.rds'],
    ['eks', 'CreateNodegroup', 'nodeRole', 'published: eks', 'ec2'],
    ['eks', 'CreateFargateProfile', 'podExecutionRoleArn', 'published: eks', 'eks-fargate-pods'],
    ['eks', 'CreateCapability', 'roleArn', 'published: eks', 'capabilities.eks'],
    ['eks', 'CreateAccessEntry', 'principalArn', 'published: ec2', ''],
    ['iot', 'CreateRoleAlias', 'roleArn', 'published: iot', 'credentials.iot'],
    ['iot', 'CreateTopicRule', 'topicRulePayload.actions[0].sqs.roleArn', 'published: iot', 'iot'],
    ['apprunner', 'CreateService', 'instanceConfiguration.instanceRoleArn', 'published: bullet', 'tasks.apprunner'],
    ['batch', 'CreateComputeEnvironment', 'serviceRole', 'published: batch', 'batch'],
    ['batch', 'CreateComputeEnvironment', 'computeResources.instanceRole', 'published: ec2 ecs', 'ec2'],
    ['batch', 'CreateComputeEnvironment', 'computeResources.spotIamFleetRole', 'published: spotfleet', 'spotfleet'],
    ['apigateway', 'PutIntegration', 'credentials', 'published: apigateway', 'apigateway'],
    ['bedrock-agentcore', 'CreateAgentRuntime', 'roleArn', 'published: bedrock-agentcore', 'bedrock-agentcore'],
    [
      's3tables',
      'PutTableReplication',
      'configuration.role',
      'published: replication.s3tables',
      'replication.s3tables',
    ],
    ['resource-groups', 'StartTagSyncTask', 'roleArn', 'published: resource-groups', 'resource-groups'],
    ['cloudcontrol', 'CreateResource', 'roleArn', 'published: cloudformation', 'cloudformation'],
    ['cloudcontrolapi', 'CreateResource', 'roleArn', 'published: cloudformation', 'cloudformation'],
    ['lambda', 'RunMicrovm', null, 'published: lambda or none', 'lambda'],
    ['codebuild', 'CreateFleet', 'fleetServiceRole', 'trust: codebuild or none', 'codebuild'],
    ['cognito-identity', 'SetIdentityPoolRoles', 'roles.authenticated', 'managed-policy: cognito-identity or none', ''],
    ['cleanrooms-ml', 'CreateTrainingDataset', 'roleArn', 'managed-policy: cleanrooms-ml', 'cleanrooms-ml'],
    ['drs', 'StartRecovery', null, 'trust: ec2 or none', 'ec2'],
    ['scheduler', 'SomethingNew', null, 'trust: scheduler or none', ''],
  ] as const)('%s %s %s', (source, name, parameter, sends, assumedBy) => {
    expect(known(source, name, parameter)).toEqual([sends, assumedBy])
  })

  it('is disputed where a managed policy of AWS names another than AWS publishes', () => {
    // AmazonSageMakerEdgeDeviceFleetPolicy passes the role of an alias to credentials.iot.amazonaws.com.
    const { values, disputed } = passedService(call('iot', 'CreateRoleAlias'), null, 'aws')
    expect(values.map(({ service }) => service)).toEqual(['iot.amazonaws.com'])
    expect(disputed.map(({ service }) => service)).toEqual(['credentials.iot.amazonaws.com'])
  })

  it('may be any of the call’s where only the message names the role, and who assumes it is then open', () => {
    expect(known('ecs', 'UpdateService', null)).toEqual(['published: ecs-tasks ecs', ''])
    expect(known('rds', 'CreateDBInstance', null)).toEqual(['published: rds', ''])
  })

  it('is open where the call is not in the data and its service has several', () => {
    expect(passedService(call('ec2', 'SomethingNew'), null, 'aws')).toEqual(NOTHING_KNOWN)
    expect(passedService(call('nobody', 'SomethingNew'), null, 'aws')).toEqual(NOTHING_KNOWN)
    expect(passedService({ eventSource: null, eventName: null }, null, 'aws')).toEqual(NOTHING_KNOWN)
    expect(passedService(call('__proto__', 'constructor'), null, 'aws')).toEqual(NOTHING_KNOWN)
  })

  it('has both suffixes in China where AWS lists both, and its own name in GovCloud', () => {
    expect(known('ec2', 'RunInstances', null, 'aws-cn')[0]).toBe('published: ec2 ec2.cn')
    expect(known('lambda', 'CreateFunction20150331', null, 'aws-cn')[0]).toBe('published: lambda')
    expect(known('cognito-identity', 'SetIdentityPoolRoles', null, 'aws-us-gov')[0]).toBe(
      'managed-policy: cognito-identity-us-gov cognito-identity or none',
    )
  })

  it('leaves out what AWS publishes for its preview environments', () => {
    expect(known('rds', 'ModifyDBInstance', 'monitoringRoleArn')[0]).toBe('published: rds')
    expect(known('cloudtrail', 'CreateTrail', 'cloudWatchLogsRoleArn')[0]).toBe('published: cloudtrail')
  })

  it('names the value of AWS’s managed policy instead', () => {
    const { disputed } = passedService(call('apprunner', 'CreateService'), null, 'aws')
    expect(disputed).toEqual([
      { service: 'apprunner.amazonaws.com', evidence: 'managed-policy', source: 'AWSAppRunnerFullAccess' },
    ])
  })
})

describe('the roles of a call', () => {
  it('are found in lists and maps, whatever the case of the names', () => {
    const parameters = {
      pipeline: {
        RoleArn: role('pipeline'),
        stages: [
          { actions: [{ roleArn: role('source') }, { configuration: { RoleArn: role('stack') } }] },
          { actions: [{ roleArn: role('pipeline') }] },
        ],
      },
    }
    const found = rolesPassedBy({ ...call('codepipeline', 'CreatePipeline'), requestParameters: parameters })
    expect(
      found.map(({ arn, parameter, service }) => [
        arn,
        parameter,
        names(service.values.map(value => value.service)).join(' '),
      ]),
    ).toEqual([
      [role('pipeline'), 'pipeline.RoleArn', 'codepipeline'],
      [role('source'), 'pipeline.stages[0].actions[0].roleArn', 'cloudformation codebuild codepipeline'],
      [role('stack'), 'pipeline.stages[0].actions[1].configuration.RoleArn', 'cloudformation'],
    ])
  })

  it('are found in maps with names of their own', () => {
    const parameters = { roles: { authenticated: role('in'), unauthenticated: role('out') } }
    const found = rolesPassedBy({ ...call('cognito-identity', 'SetIdentityPoolRoles'), requestParameters: parameters })
    expect(found.map(({ arn, parameter }) => [arn, parameter])).toEqual([
      [role('in'), 'roles.authenticated'],
      [role('out'), 'roles.unauthenticated'],
    ])
  })

  it('leave out what is no role’s ARN', () => {
    const parameters = { taskRoleArn: 'orders-task', executionRoleArn: { arn: role('x') } }
    expect(rolesPassedBy({ ...call('ecs', 'RegisterTaskDefinition'), requestParameters: parameters })).toEqual([])
    expect(rolesPassedBy({ ...call('ecs', 'RegisterTaskDefinition'), requestParameters: null })).toEqual([])
  })
})

describe('the denied role', () => {
  const denied = (parameters: unknown, source = 'rds', name = 'CreateDBInstance') =>
    passedRole({ ...call(source, name), requestParameters: parameters }, role('service/monitor'), 'aws')

  it('is that of the parameter which holds its name', () => {
    const { parameter, service } = denied({ monitoringRoleArn: 'other', domainIAMRoleName: 'monitor' })
    expect([parameter, names(service.assumedBy)]).toEqual(['domainIAMRoleName', ['directoryservice.rds', 'rds']])
  })

  it('is one that the event does not show, where the call has such and shows no other', () => {
    const group = { autoScalingGroupName: 'web', launchTemplate: { launchTemplateName: 'web' } }
    const { parameter, service } = denied(group, 'autoscaling', 'CreateAutoScalingGroup')
    expect([parameter, names(service.values.map(value => value.service))]).toEqual([null, ['ec2']])
  })

  it('may be any where the parameters were not logged', () => {
    const { service } = denied(null, 'autoscaling', 'CreateAutoScalingGroup')
    expect(names(service.values.map(value => value.service))).toEqual(['autoscaling', 'ec2'])
  })
})

describe('calls by name', () => {
  it('lists EC2’s calls for the rule that brings encoded messages in', () => {
    expect(roleOperationsOf('ec2')).toContain('RunInstances')
    expect(roleOperationsOf('ec2')).not.toContain('DescribeInstances')
  })

  it('have the event’s own name', () => {
    const event = { eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' }
    expect(roleOperationNamed('lambda', 'createfunction')).toEqual(event)
    expect(roleOperationNamed('opensearch', 'CreateDomain')?.eventSource).toBe('es.amazonaws.com')
    expect(roleOperationNamed('lambda', 'Invoke')).toBeNull()
  })
})
