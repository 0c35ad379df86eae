import { RegionInfo } from 'aws-cdk-lib/region-info'
import { describe, expect, it } from 'vitest'
import {
  entityName,
  parseArn,
  parseEntityArn,
  parseRoleArn,
  parseSessionArn,
  partitionOfRegion,
  serviceOfLinkedRole,
} from '../../../core/iam/arn.ts'

describe('an ARN', () => {
  it('has its parts, and colons in its resource', () => {
    expect(parseArn('arn:aws-cn:states:cn-north-1:111122223333:execution:orders:7')).toEqual({
      text: 'arn:aws-cn:states:cn-north-1:111122223333:execution:orders:7',
      partition: 'aws-cn',
      service: 'states',
      region: 'cn-north-1',
      accountId: '111122223333',
      resource: 'execution:orders:7',
    })
  })

  it.each(['', 'arn:aws:iam::111122223333', 'arn:aws:iam::111122223333:', 'role/app', 'arn:gcp:iam::1:role/app'])(
    'is not %j',
    text => {
      expect(parseArn(text)).toBeNull()
    },
  )

  it('of a role has a path and a name', () => {
    expect(parseRoleArn('arn:aws:iam::111122223333:role/ci/blue/deploy')).toMatchObject({
      accountId: '111122223333',
      kind: 'role',
      path: '/ci/blue/',
      name: 'deploy',
    })
    expect(parseRoleArn('arn:aws:iam::111122223333:role/deploy')).toMatchObject({ path: '/', name: 'deploy' })
    expect(parseRoleArn('arn:aws:iam::111122223333:user/ann')).toBeNull()
    expect(parseEntityArn('arn:aws:iam::111122223333:user/ann')).toMatchObject({ kind: 'user', name: 'ann' })
  })

  it.each([
    'arn:aws:s3::111122223333:role/deploy',
    'arn:aws:iam::11112222333:role/deploy',
    'arn:aws:iam::111122223333:role/',
    'arn:aws:iam::111122223333:policy/deploy',
    'arn:aws:iam::111122223333:role',
  ])('of no role or user is %s', text => {
    expect(parseEntityArn(text)).toBeNull()
    expect(entityName(text)).toBe(text)
  })

  it('of a session has the role’s name without its path', () => {
    expect(parseSessionArn('arn:aws:sts::111122223333:assumed-role/deploy/build/7')).toMatchObject({
      accountId: '111122223333',
      roleName: 'deploy',
      sessionName: 'build/7',
    })
    expect(parseSessionArn('arn:aws:iam::111122223333:assumed-role/deploy/build')).toBeNull()
    expect(parseSessionArn('arn:aws:sts::111122223333:assumed-role/deploy')).toBeNull()
    expect(parseSessionArn('arn:aws:sts::111122223333:federated-user/deploy/build')).toBeNull()
  })
})

describe('the service of a service-linked role', () => {
  it.each([
    ['role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS', 'ecs.amazonaws.com'],
    ['role/aws-service-role/ec2.amazonaws.com.cn/AWSServiceRoleForEC2', 'ec2.amazonaws.com.cn'],
    ['role/aws-service-role/ecs.amazonaws.com/more/AWSServiceRoleForECS', null],
    ['role/aws-service-role/example.com/AWSServiceRoleForECS', null],
    ['role/team/aws-service-role/ecs.amazonaws.com/Fake', null],
    ['user/aws-service-role/ecs.amazonaws.com/ann', null],
    ['role/ecs.amazonaws.com/app', null],
  ])('of %s is %s', (resource, service) => {
    expect(serviceOfLinkedRole(`arn:aws:iam::111122223333:${resource}`)).toBe(service)
  })

  it.each(['<id>', 'XXXXXXXXXXXX', '', '0000********'])('is known when the account is %j', account => {
    const arn = `arn:aws:iam::${account}:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS`
    expect(serviceOfLinkedRole(arn)).toBe('eks.amazonaws.com')
  })

  it('of nothing is none', () => {
    expect(serviceOfLinkedRole(null)).toBeNull()
  })
})

describe('the partition of a Region', () => {
  it('is the one that the AWS CDK knows, for every Region', () => {
    const known = RegionInfo.regions.filter(({ partition }) => partition !== undefined)
    expect(known.length).toBeGreaterThan(30)
    expect(known.map(({ name }) => [name, partitionOfRegion(name)])).toEqual(
      known.map(({ name, partition }) => [name, partition]),
    )
  })

  it.each([
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eusc-de-east-1', 'aws-eusc'],
    ['eu-isolated-1', 'aws'],
    ['', 'aws'],
  ])('of %j is %s', (region, partition) => {
    expect(partitionOfRegion(region)).toBe(partition)
  })
})
