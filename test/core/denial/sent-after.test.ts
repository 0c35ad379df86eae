import { expect, it } from 'vitest'
import { sentAfter } from '../../../core/denial/index.ts'
import { present } from '../../../core/iam/index.ts'

const ACCOUNT = '111122223333'
const sent = (eventSource: string, eventName: string, service: string) =>
  sentAfter({ eventSource, eventName }, 'eu-west-1', service, `arn:aws:iam::${ACCOUNT}:role/app`)

it.each([
  ['batch.amazonaws.com', 'CreateComputeEnvironment', 'batch.amazonaws.com'],
  ['batch.amazonaws.com', 'CreateComputeEnvironment', 'spotfleet.amazonaws.com'],
  ['rds.amazonaws.com', 'CreateDBCluster', 'monitoring.rds.amazonaws.com'],
  ['ec2.amazonaws.com', 'CreateFlowLogs', 'vpc-flow-logs.amazonaws.com'],
])('%s %s gives a role to several services, and %s sends its account', (source, name, service) => {
  expect(sent(source, name, service)).toMatchObject({ 'aws:sourceaccount': present(ACCOUNT) })
})

it('is nothing for a service that is not known to send it after this call', () => {
  expect(sent('batch.amazonaws.com', 'CreateComputeEnvironment', 'ec2.amazonaws.com')).toEqual({})
  expect(sent('batch.amazonaws.com', 'CreateComputeEnvironment', 'rds.amazonaws.com')).toEqual({})
})
