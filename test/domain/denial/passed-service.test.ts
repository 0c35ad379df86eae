import { describe, expect, it } from 'vitest'
import {
  passedService,
  roleOperationsOf,
  rolesPassedBy,
} from '../../../functions/domain/denial/passed-service/passed-service.ts'
import { callsThatPassRoles } from '../../../functions/domain/denial/passed-service/table.ts'

const role = (name: string, partition = 'aws') => `arn:${partition}:iam::111122223333:role/${name}`
const call = (source: string, eventName: string) => ({ eventSource: `${source}.amazonaws.com`, eventName })

describe('the service that receives a role', () => {
  it.each([
    ['ecs', 'RegisterTaskDefinition', 'taskRoleArn', ['ecs-tasks.amazonaws.com'], 'proven'],
    ['ecs', 'RunTask', 'overrides.executionRoleArn', ['ecs-tasks.amazonaws.com'], 'proven'],
    ['ecs', 'UpdateService', 'volumeConfigurations[0].managedEBSVolume.roleArn', ['ecs.amazonaws.com'], 'proven'],
    ['lambda', 'CreateFunction20150331', 'role', ['lambda.amazonaws.com'], 'proven'],
    ['ec2', 'RunInstances', 'iamInstanceProfile', ['ec2.amazonaws.com'], 'proven'],
    [
      'ec2',
      'CreateFlowLogs',
      'CreateFlowLogsRequest.DeliverLogsPermissionArn',
      ['vpc-flow-logs.amazonaws.com'],
      'proven',
    ],
    ['rds', 'CreateDBInstance', 'monitoringRoleArn', ['monitoring.rds.amazonaws.com'], 'proven'],
    ['rds', 'CreateDBInstance', 'domainIAMRoleName', ['directoryservice.rds.amazonaws.com'], 'unproven'],
    ['rds', 'StartExportTask', 'iamRoleArn', ['export.rds.amazonaws.com'], 'proven'],
    ['cloudformation', 'CreateChangeSet', 'roleARN', ['cloudformation.amazonaws.com'], 'proven'],
    ['eks', 'CreateNodegroup', 'nodeRole', ['ec2.amazonaws.com'], 'proven'],
    ['batch', 'RegisterJobDefinition', 'containerProperties.jobRoleArn', ['ecs-tasks.amazonaws.com'], 'unproven'],
    ['apprunner', 'CreateService', 'instanceConfiguration.instanceRoleArn', ['tasks.apprunner.amazonaws.com'], 'never'],
    ['autoscaling', 'UpdateAutoScalingGroup', 'serviceLinkedRoleARN', ['autoscaling.amazonaws.com'], 'unproven'],
    ['cloudformation', 'RegisterType', 'executionRoleArn', ['resources.cloudformation.amazonaws.com'], 'unproven'],
    [
      'ecs',
      'CreateCapacityProvider',
      'managedInstancesProvider.instanceLaunchTemplate.ec2InstanceProfileArn',
      ['ec2.amazonaws.com'],
      'unproven',
    ],
    ['lambda', 'RunMicrovm', null, ['lambda.amazonaws.com'], 'never'],
  ] as const)('is known for %s %s %s', (source, name, parameter, candidates, keySent) => {
    expect(passedService(call(source, name), parameter, 'aws')).toEqual({ candidates, keySent })
  })

  it('may be any of the call’s when only the message names the role, the likeliest first', () => {
    expect(passedService(call('ecs', 'UpdateService'), null, 'aws').candidates).toEqual([
      'ecs-tasks.amazonaws.com',
      'ecs.amazonaws.com',
    ])
  })

  it('is open where the call is not in the table and its service has several', () => {
    expect(passedService(call('ec2', 'SomethingNew'), null, 'aws')).toEqual({ candidates: [], keySent: 'unproven' })
    expect(passedService(call('nobody', 'SomethingNew'), null, 'aws')).toEqual({ candidates: [], keySent: 'unproven' })
    expect(passedService({ eventSource: null, eventName: null }, null, 'aws').candidates).toEqual([])
  })

  it('is the only one that a service has, for a call of it that is new', () => {
    expect(passedService(call('scheduler', 'SomethingNew'), null, 'aws')).toEqual({
      candidates: ['scheduler.amazonaws.com'],
      keySent: 'unproven',
    })
  })

  it('has its own form in China and in GovCloud', () => {
    expect(passedService(call('ec2', 'RunInstances'), null, 'aws-cn').candidates).toEqual([
      'ec2.amazonaws.com.cn',
      'ec2.amazonaws.com',
    ])
    expect(passedService(call('lambda', 'CreateFunction20150331'), null, 'aws-cn').candidates[0]).toBe(
      'lambda.amazonaws.com',
    )
    expect(passedService(call('cognito-identity', 'SetIdentityPoolRoles'), null, 'aws-us-gov').candidates[0]).toBe(
      'cognito-identity-us-gov.amazonaws.com',
    )
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
    expect(found.map(({ arn, parameter, service }) => [arn, parameter, service.candidates[0]])).toEqual([
      [role('pipeline'), 'pipeline.RoleArn', 'codepipeline.amazonaws.com'],
      [role('source'), 'pipeline.stages[0].actions[0].roleArn', 'codepipeline.amazonaws.com'],
      [role('stack'), 'pipeline.stages[0].actions[1].configuration.RoleArn', 'cloudformation.amazonaws.com'],
    ])
  })

  it('are found in maps with names of their own', () => {
    const parameters = { roles: { authenticated: role('in'), unauthenticated: role('out') } }
    const found = rolesPassedBy({ ...call('cognito-identity', 'SetIdentityPoolRoles'), requestParameters: parameters })
    expect(found.map(({ arn, parameter }) => [arn, parameter])).toEqual([
      [role('in'), 'roles.authenticated'],
      [role('out'), 'roles.unauthenticated'],
    ])
    expect(
      passedService(call('cognito-identity', 'SetIdentityPoolRoles'), 'roles.authenticated', 'aws').candidates,
    ).toEqual(['cognito-identity.amazonaws.com'])
  })

  it('leave out what is no role’s ARN', () => {
    const parameters = { taskRoleArn: 'orders-task', executionRoleArn: { arn: role('x') } }
    expect(rolesPassedBy({ ...call('ecs', 'RegisterTaskDefinition'), requestParameters: parameters })).toEqual([])
    expect(rolesPassedBy({ ...call('ecs', 'RegisterTaskDefinition'), requestParameters: null })).toEqual([])
  })
})

describe('the table', () => {
  it('has each call once, and only service principals', () => {
    const names = callsThatPassRoles().map(row => `${row.source} ${row.name}`)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    const services = callsThatPassRoles().flatMap(row => row.roles.flatMap(({ services }) => services))
    expect(services.filter(service => !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$/.test(service))).toEqual([])
    expect(names.length).toBeGreaterThan(600)
  })

  it('proves nothing without a service', () => {
    const wrong = callsThatPassRoles().filter(
      row => row.keySent === 'proven' && row.roles.some(({ services }) => services.length === 0),
    )
    expect(wrong.map(row => `${row.source} ${row.name}`)).toEqual([])
  })

  it('lists EC2’s calls for the rule that brings encoded messages in', () => {
    expect(roleOperationsOf('ec2')).toContain('RunInstances')
    expect(roleOperationsOf('ec2')).not.toContain('DescribeInstances')
  })
})
