/**
 * A service that passes a role and sends its own value, using the policies of the local bot. Interprets grants independently of
 * the product.
 */
import { randomUUID } from 'node:crypto'
import type { Bot } from '../../simulator/bot.ts'

export const ACCOUNT = '111122223333'
export const CALLER = `arn:aws:iam::${ACCOUNT}:role/deployer`
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/release-42`

export type SimulatedCall = {
  readonly source: string
  readonly operation: string
  readonly parameters: object
  readonly role: string
  /** What it actually sends as `iam:PassedToService`. Null: nothing. */
  readonly sends: string | null
  readonly because?: string
}

type Grant = {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: string | readonly string[] } }
}

const many = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value)

/** Every statement of the caller's inline policies that allows passing a role. */
export function grants(bot: Bot): readonly Grant[] {
  const roles = bot.accounts.all().flatMap(({ current }) => current.RoleDetailList ?? [])
  const policies = roles.find(({ Arn }) => Arn === CALLER)?.RolePolicyList ?? []
  return policies
    .flatMap(({ PolicyDocument }) => (PolicyDocument as { readonly Statement: readonly Grant[] }).Statement)
    .filter(({ Action }) => many(Action).includes('iam:PassRole'))
}

function isAllowed(bot: Bot, { role, sends }: SimulatedCall): boolean {
  return grants(bot).some(({ Effect, Resource, Condition = {} }) => {
    const met = Object.entries(Condition).every(([operator, keys]) => {
      const [key, ...more] = Object.keys(keys)
      if (more.length > 0 || key !== 'iam:PassedToService') throw new Error(`a condition on ${Object.keys(keys)}`)
      if (sends === null) return operator === 'StringEqualsIfExists'
      if (!['StringEquals', 'StringEqualsIfExists'].includes(operator)) throw new Error(`the operator ${operator}`)
      return many(keys[key] ?? []).includes(sends)
    })
    return Effect === 'Allow' && many(Resource).includes(role) && met
  })
}

/** True when the call succeeded. Otherwise the bot receives its record. */
export async function call(bot: Bot, made: SimulatedCall): Promise<boolean> {
  if (isAllowed(bot, made)) return true
  const { source, operation, parameters, role } = made
  const because = made.because ?? 'because no identity-based policy allows the iam:PassRole action'
  await bot.feed({
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLEDEPLOYER00:release-42',
      arn: SESSION,
      accountId: ACCOUNT,
      accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: 'AROAEXAMPLEDEPLOYER00',
          arn: CALLER,
          accountId: ACCOUNT,
          userName: 'deployer',
        },
        attributes: { creationDate: `${new Date(Date.now()).toISOString().slice(0, 19)}Z`, mfaAuthenticated: 'false' },
      },
    },
    eventTime: `${new Date(Date.now()).toISOString().slice(0, 19)}Z`,
    eventSource: source,
    eventName: operation,
    awsRegion: 'eu-west-1',
    sourceIPAddress: '203.0.113.17',
    userAgent: 'aws-cli/2.31.0',
    errorCode: 'AccessDenied',
    errorMessage: `User: ${SESSION} is not authorized to perform: iam:PassRole on resource: ${role} ${because}`,
    requestParameters: parameters,
    responseElements: null,
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
  })
  await bot.idle()
  return false
}

/** An account with the caller and one role that trusts these services. */
export function accountWith(role: string, trusts: readonly string[]): object {
  const trust = (services: readonly string[]) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: services }, Action: 'sts:AssumeRole' }],
  })
  const detail = (name: string, id: string, services: readonly string[]) => ({
    Path: '/',
    RoleName: name,
    RoleId: id,
    Arn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
    CreateDate: '2026-01-15T09:00:00Z',
    AssumeRolePolicyDocument: trust(services),
    InstanceProfileList: [],
    RolePolicyList: [],
    AttachedManagedPolicies: [],
    Tags: [],
  })
  return {
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: [
      detail('deployer', 'AROAEXAMPLEDEPLOYER00', ['codebuild.amazonaws.com']),
      detail(role, 'AROAEXAMPLEPASSED0000', trusts),
    ],
    Policies: [],
  }
}
