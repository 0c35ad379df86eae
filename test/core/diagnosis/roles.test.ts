import { describe, expect, it } from 'vitest'
import {
  bootstrapCommand,
  bootstrapRoleIn,
  parseBootstrapRole,
  siblingRoles,
} from '../../../core/diagnosis/wording/cdk-bootstrap.ts'
import { creationOf } from '../../../core/diagnosis/wording/well-known-roles.ts'

describe('the roles of a CDK bootstrap', () => {
  it.each([
    ['cdk-hnb659fds-deploy-role-111122223333-eu-west-1', 'hnb659fds', 'deploy', 'eu-west-1'],
    ['cdk-team1-cfn-exec-role-111122223333-us-gov-west-1', 'team1', 'cfn-exec', 'us-gov-west-1'],
    ['cdk-hnb659fds-lookup-role-111122223333-eusc-de-east-1', 'hnb659fds', 'lookup', 'eusc-de-east-1'],
    [
      'cdk-hnb659fds-image-publishing-role-111122223333-ap-southeast-2',
      'hnb659fds',
      'image-publishing',
      'ap-southeast-2',
    ],
  ])('%s is taken apart', (name, qualifier, kind, region) => {
    expect(parseBootstrapRole(name)).toEqual({ qualifier, kind, accountId: '111122223333', region })
  })

  it.each([
    'cdk-deploy-role',
    'cdk-hnb659fds-deploy-role-1111-eu-west-1',
    'my-cdk-hnb659fds-deploy-role-111122223333-eu-west-1',
  ])('%s is none', name => {
    expect(parseBootstrapRole(name)).toBeNull()
  })

  it.each([
    ['cdk-hnb659fds-deploy-role-***-eusc-de-east-1', 'aws://ACCOUNT_ID/eusc-de-east-1'],
    ['cdk-hnb659fds-deploy-role-my-acct-eu-west-1', 'aws://ACCOUNT_ID/eu-west-1'],
  ])('%s is of the Region at its end', (name, where) => {
    expect(bootstrapRoleIn(name)?.where).toBe(where)
  })

  it('are created by one command, which names a qualifier only where it is not the usual one', () => {
    const where = 'aws://111122223333/eu-west-1'
    expect(bootstrapCommand({ where, qualifier: 'hnb659fds' })).toBe('npx cdk bootstrap aws://111122223333/eu-west-1')
    expect(bootstrapCommand({ where, qualifier: 'team1' })).toBe(
      'npx cdk bootstrap aws://111122223333/eu-west-1 --qualifier team1',
    )
  })

  it('come in four that a deploy assumes', () => {
    expect(siblingRoles({ qualifier: 'q', kind: 'deploy', accountId: '111122223333', region: 'eu-west-1' })).toEqual([
      'cdk-q-file-publishing-role-111122223333-eu-west-1',
      'cdk-q-image-publishing-role-111122223333-eu-west-1',
      'cdk-q-lookup-role-111122223333-eu-west-1',
    ])
  })
})

describe('how a role that guides name comes to be', () => {
  it('attaches the policy of RDS enhanced monitoring', () => {
    expect(creationOf('arn:aws:iam::111122223333:role/rds-monitoring-role')?.command).toContain(
      'arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole',
    )
  })

  it('stays in the partition', () => {
    expect(creationOf('arn:aws-cn:iam::111122223333:role/ecsTaskExecutionRole')?.command).toContain(
      'arn:aws-cn:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy',
    )
  })

  it('creates a service-linked role by the service in its path', () => {
    const arn = 'arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling'
    expect(creationOf(arn)?.command).toBe(
      'aws iam create-service-linked-role --aws-service-name autoscaling.amazonaws.com',
    )
  })

  it('knows nothing of a role of one’s own, even with the name of a built-in member', () => {
    expect(creationOf('arn:aws:iam::111122223333:role/orders')).toBeNull()
    expect(creationOf('arn:aws:iam::111122223333:role/constructor')).toBeNull()
  })
})
