/** One call that passes roles: where they stand in `requestParameters` and which services receive them. */
export type CallRow = {
  /** The event source without `.amazonaws.com`. */
  readonly source: string
  readonly name: string
  readonly roles: readonly { readonly at: string; readonly services: readonly string[] }[]
  readonly keySent: 'proven' | 'unproven' | 'never'
}

const row = (
  source: string,
  name: string,
  roles: { readonly [at: string]: string },
  keySent: CallRow['keySent'],
): CallRow => ({
  source,
  name,
  roles: Object.entries(roles).map(([at, services]) => ({
    at,
    services: services.split(' ').map(service => `${service}.amazonaws.com`),
  })),
  keySent,
})

export const PASSED_SERVICE_TABLE: readonly CallRow[] = [
  row('ecs', 'RegisterTaskDefinition', { taskRoleArn: 'ecs-tasks', executionRoleArn: 'ecs-tasks' }, 'proven'),
  row('ecs', 'RunTask', { 'overrides.taskRoleArn': 'ecs-tasks', 'overrides.executionRoleArn': 'ecs-tasks' }, 'proven'),
  row('lambda', 'CreateFunction20150331', { role: 'lambda' }, 'proven'),
  row('lambda', 'UpdateFunctionConfiguration20150331v2', { role: 'lambda' }, 'proven'),
  row('ec2', 'RunInstances', { iamInstanceProfile: 'ec2' }, 'proven'),
  row('cloudformation', 'CreateStack', { roleARN: 'cloudformation' }, 'proven'),
  row('cloudformation', 'CreateChangeSet', { roleARN: 'cloudformation' }, 'proven'),
  row('cloudformation', 'UpdateStack', { roleARN: 'cloudformation' }, 'proven'),
]
