import { describe, expect, it } from 'vitest'
import { callOfResource, callOfTerraform } from '../../../core/denial/resource-types/calls-of-types.ts'

describe('the call that creates a resource', () => {
  it.each([
    ['AWS::AppRunner::Service', 'apprunner.amazonaws.com', 'CreateService'],
    ['AWS::Lambda::Function', 'lambda.amazonaws.com', 'CreateFunction20150331'],
    ['AWS::EC2::Instance', 'ec2.amazonaws.com', 'RunInstances'],
    ['AWS::MWAA::Environment', 'airflow.amazonaws.com', 'CreateEnvironment'],
    ['AWS::DMS::Endpoint', 'dms.amazonaws.com', 'CreateEndpoint'],
    // Roles go to several calls: the one that creates the type itself.
    ['AWS::CodeBuild::Project', 'codebuild.amazonaws.com', 'CreateProject'],
    ['AWS::RDS::DBCluster', 'rds.amazonaws.com', 'CreateDBCluster'],
    ['AWS::Events::Rule', 'events.amazonaws.com', 'PutTargets'],
    ['AWS::EKS::Addon', 'eks.amazonaws.com', 'CreateAddon'],
    // Without such a call, only the service.
    ['AWS::S3::Bucket', 's3.amazonaws.com', null],
    // Takes no role, or is none of AWS.
    ['AWS::SQS::Queue', null, null],
    ['Custom::Thing', null, null],
    [null, null, null],
  ])('%s: %s %s', (type, eventSource, eventName) => {
    expect(callOfResource(type)).toEqual({ eventSource, eventName })
  })

  it.each([
    ['aws_lambda_function', 'lambda.amazonaws.com', 'CreateFunction20150331'],
    ['aws_ecs_task_definition', 'ecs.amazonaws.com', 'RegisterTaskDefinition'],
    ['aws_iam_instance_profile', 'iam.amazonaws.com', 'AddRoleToInstanceProfile'],
    ['aws_codebuild_project', 'codebuild.amazonaws.com', 'CreateProject'],
    ['awscc_apprunner_service', 'apprunner.amazonaws.com', 'CreateService'],
    ['awscc_stepfunctions_state_machine', 'states.amazonaws.com', 'CreateStateMachine'],
  ])('%s in Terraform: %s %s', (type, eventSource, eventName) => {
    expect(callOfTerraform(type)).toEqual({ eventSource, eventName })
  })

  it('is none for a type of Terraform that takes no role', () => {
    expect(['aws_sqs_queue', 'awscc_sqs_queue', 'constructor'].map(callOfTerraform)).toEqual([null, null, null])
  })
})
