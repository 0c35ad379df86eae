/** Records of one account for tests of a timeline. */
import { parseRecord } from '../../../core/denial/index.ts'

export const HOME = '111122223333'
export const TARGET = `arn:aws:iam::${HOME}:role/app/target`
const START_MS = Date.parse('2026-11-24T03:00:00Z')

type Members = Record<string, unknown>

/** Seconds after the start, as CloudTrail writes them. */
export const at = (second: number): string => new Date(START_MS + second * 1_000).toISOString().replace('.000Z', 'Z')

let serial = 0
const id = (): string => {
  serial += 1
  return `0a0a0a0a-0000-4000-8000-${String(serial).padStart(12, '0')}`
}

export const session = (role = 'deploy', name = 'ci-1'): Members => ({
  ...{ type: 'AssumedRole', accountId: HOME, principalId: `AROAEXAMPLEDEPLOY123:${name}` },
  arn: `arn:aws:sts::${HOME}:assumed-role/${role}/${name}`,
  sessionContext: {
    sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${HOME}:role/ci/${role}`, accountId: HOME, userName: role },
  },
})

const base = (second: number, region: string): Members => ({
  ...{ eventVersion: '1.11', eventTime: at(second), awsRegion: region, recipientAccountId: HOME, eventID: id() },
  ...{ requestParameters: null, responseElements: null, readOnly: false },
})

export const assumeDenied = (second: number, role = TARGET, identity = session()): Members => ({
  ...base(second, 'us-east-1'),
  ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', errorCode: 'AccessDenied', userIdentity: identity },
  errorMessage: `User: ${String(identity['arn'])} is not authorized to perform: sts:AssumeRole on resource: ${role}`,
})

export const assumed = (
  second: number,
  role = TARGET,
  identity = session('deploy', 'ci-2'),
  region = 'us-east-1',
): Members => ({
  ...base(second, region),
  ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', userIdentity: identity },
  requestParameters: { roleArn: role, roleSessionName: 's' },
})

export const passDenied = (second: number, role = TARGET, identity = session()): Members => ({
  ...base(second, 'eu-west-1'),
  ...{ eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331', errorCode: 'AccessDeniedException' },
  userIdentity: identity,
  errorMessage: `User: ${String(identity['arn'])} is not authorized to perform: iam:PassRole on resource: ${role}`,
  requestParameters: { functionName: 'f', role },
})

export const passed = (second: number, role = TARGET, identity = session('deploy', 'ci-2')): Members => ({
  ...base(second, 'eu-west-1'),
  ...{ eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331', userIdentity: identity },
  requestParameters: { functionName: 'f', role },
})

export const registered = (second: number, role = TARGET, identity = session('deploy', 'ci-2')): Members => ({
  ...base(second, 'eu-west-1'),
  ...{ eventSource: 'ecs.amazonaws.com', eventName: 'RegisterTaskDefinition', userIdentity: identity },
  requestParameters: { taskRoleArn: role, family: 'f' },
})

export const wrote = (
  second: number,
  eventName: string,
  requestParameters: Members | null,
  more: Members = {},
): Members => ({
  ...base(second, 'us-east-1'),
  ...{ eventSource: 'iam.amazonaws.com', eventName, requestParameters },
  userIdentity: {
    type: 'AssumedRole',
    arn: `arn:aws:sts::${HOME}:assumed-role/admin/terraform-run-9f`,
    accountId: HOME,
  },
  ...more,
})

/** The account is read a minute after the denial, and these records come so late that no earlier one can be missing. */
export const READ_AT_MS = START_MS + 60_000
export const later = (accountId = HOME): Members =>
  wrote(60 + 900, 'ListUsers', {}, { recipientAccountId: accountId, readOnly: true })

/** Service control policies do not restrict the management account. */
export const NO_ORGANIZATION = JSON.stringify({ organizationId: 'o-abc123', managementAccountId: HOME })

export function denialIn(record: Members) {
  const parsed = parseRecord(record)
  if (parsed.kind !== 'denial') throw new Error(`a denial was expected: ${parsed.kind}`)
  return parsed.denial
}
