import { describe, expect, it } from 'vitest'
import { sendsSourceAccount } from '../../../core/denial/passed-service/source-account.ts'

describe('whether a service sends its source account', () => {
  it.each([
    ['ecs-tasks.amazonaws.com', 'RunTask', true],
    ['ecs-tasks.amazonaws.com', null, true],
    ['elasticmapreduce.amazonaws.com.cn', null, true],
    ['ec2.amazonaws.com', 'RunInstances', false],
    ['constructor', null, false],
    // Only these operations start jobs that send it.
    ['sagemaker.amazonaws.com', 'CreatePipeline', true],
    ['sagemaker.amazonaws.com', 'CreateProcessingJob', true],
    ['sagemaker.amazonaws.com', 'CreateTrainingJob', true],
    ['sagemaker.amazonaws.com', 'CreateTransformJob', true],
    ['sagemaker.amazonaws.com', 'CreateModel', false],
    ['sagemaker.amazonaws.com', null, false],
  ])('%s for %s: %s', (service, operation, expected) => {
    expect(sendsSourceAccount(service, operation)).toBe(expected)
  })
})
