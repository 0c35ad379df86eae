/** The principal of a service in a trust policy. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
import { describe, expect, it } from 'vitest'
import { principalOfCall, servicePrincipal } from '../../../core/denial/message/service-names.ts'

describe('the name of a service in a sentence', () => {
  it.each([
    ['AWS EventBridge Scheduler', 'scheduler.amazonaws.com'],
    ['the Amazon ECS service', 'ecs-tasks.amazonaws.com'],
    ['The AWS Glue Service', 'glue.amazonaws.com'],
    [' Lambda. ', 'lambda.amazonaws.com'],
    ['Lambda...', 'lambda.amazonaws.com'],
    ['lambda.amazonaws.com', 'lambda.amazonaws.com'],
    ['lambda.amazonaws.com,', 'lambda.amazonaws.com'],
    ['ec2.amazonaws.com.cn', 'ec2.amazonaws.com.cn'],
    ['The Elasticsearch Service', null],
    ['AWS Orders', null],
    ['constructor', null],
    ['lambda.example.com', null],
    ['', null],
  ])('means one principal, or none: %j', (name, principal) => {
    expect(servicePrincipal(name)).toBe(principal)
  })
})

describe('the principal that a passed role must trust', () => {
  it.each([
    ['lambda.amazonaws.com', 'CreateFunction20150331', 'lambda.amazonaws.com'],
    ['lambda.amazonaws.com', null, 'lambda.amazonaws.com'],
    ['states.amazonaws.com.cn', 'CreateStateMachine', 'states.amazonaws.com'],
    ['ec2.amazonaws.com', 'CreateFlowLogs', 'vpc-flow-logs.amazonaws.com'],
    ['ec2.amazonaws.com', 'RunInstances', 'ec2.amazonaws.com'],
    ['ecs.amazonaws.com', 'CreateService', 'ecs.amazonaws.com'],
    ['ecs.amazonaws.com', 'RegisterTaskDefinition', 'ecs-tasks.amazonaws.com'],
    ['rds.amazonaws.com', 'CreateDBProxy', 'rds.amazonaws.com'],
    ['rds.amazonaws.com', 'CreateDBInstance', 'monitoring.rds.amazonaws.com'],
    ['autoscaling.amazonaws.com', 'RegisterScalableTarget', 'application-autoscaling.amazonaws.com'],
    ['apprunner.amazonaws.com', 'CreateService', 'tasks.apprunner.amazonaws.com'],
    // Versions of operations in CloudTrail.
    ['apprunner.amazonaws.com', 'UpdateService20200515', 'tasks.apprunner.amazonaws.com'],
    ['apprunner.amazonaws.com', 'UpdateService20200515v2', 'tasks.apprunner.amazonaws.com'],
    // Names that every object has.
    ['ec2.amazonaws.com', 'constructor', 'ec2.amazonaws.com'],
    ['constructor', 'CreateFlowLogs', 'constructor.amazonaws.com'],
    [null, 'CreateFunction', null],
  ])('is that of the call: %s %s', (eventSource, eventName, principal) => {
    expect(principalOfCall({ eventSource, eventName })).toBe(principal)
  })
})
