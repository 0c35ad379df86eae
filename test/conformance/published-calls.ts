/**
 * Every published call as a denial for the command line: what is granted, under which condition, and whether a change of the
 * role's trust policy is offered. The expected values come from the table, which is read here and not by the product.
 */
import { writeFileSync } from 'node:fs'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from '../cli/memory-io.ts'

/** One operation of AWS's table with all published values. None: the key may be absent. */
export type PublishedCall = { readonly prefix: string; readonly operation: string; readonly values: readonly string[] }

/** Where the role is in the call, and which services it trusts. */
export type Telling = {
  readonly parameters: (call: PublishedCall, role: string) => unknown
  readonly trusts: (call: PublishedCall) => readonly string[]
}

export type Verdict = 'exact' | 'if-exists' | 'partly' | 'wrong' | 'refused'
export type Answered = {
  readonly call: PublishedCall
  readonly verdict: Verdict
  readonly granted: readonly string[]
  /** The condition operator of the values. */
  readonly operator: string | null
  readonly widensTrust: boolean
  /** The verdict of the diagnosis: proved, likely. */
  readonly sure: string
  readonly refusal: string | null
}

/** The rows of the shared table. Several SDK clients may have one operation. */
export function publishedCalls(text: string): readonly PublishedCall[] {
  const calls = new Map<string, { prefix: string; operation: string; values: string[] }>()
  const [, ...lines] = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  for (const line of lines) {
    const [prefix = '', , operation = '', values = '', , , action = ''] = line.split('\t')
    if (action !== '') continue
    const key = `${prefix} ${operation}`
    const call = calls.get(key) ?? { prefix, operation, values: [] }
    for (const value of values.split(',')) if (value !== '' && !call.values.includes(value)) call.values.push(value)
    calls.set(key, call)
  }
  return [...calls.values()]
}

/** False for AWS's own preview and test environments, which no customer's call sends. */
const isProduction = (value: string): boolean => !/-preview\.|\.preprod\.|^test\./.test(value)

const ACCOUNT = '111122223333'
const CALLER = 'deployer'
const roleName = (index: number) => `passed-${index}`

export async function ask(
  calls: readonly PublishedCall[],
  { parameters, trusts }: Telling,
  folder: string,
): Promise<readonly Answered[]> {
  const arnOf = (index: number) => `arn:aws:iam::${ACCOUNT}:role/${roleName(index)}`
  const records = calls.map((call, index) => recordOf(call, arnOf(index), index, parameters(call, arnOf(index))))
  const roles = calls.map((call, index) => roleOf(roleName(index), arnOf(index), trusts(call)))
  const account = `${folder}/account.json`
  writeFileSync(
    account,
    JSON.stringify({
      RoleDetailList: [roleOf(CALLER, `arn:aws:iam::${ACCOUNT}:role/${CALLER}`, []), ...roles],
      UserDetailList: [],
      GroupDetailList: [],
      Policies: [],
    }),
  )
  const io = memoryIo({ stdin: records.map(record => JSON.stringify(record)).join('\n') })
  await dispatch(['diagnose', '-', '--account', account, '--json'], io)
  const outputs = io.captured.out
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
  return calls.map((call, index) =>
    answered(
      call,
      outputs.find(output => output.denial.id === idOf(index)),
    ),
  )
}

const idOf = (index: number) => `call-${index}`

function recordOf({ prefix, operation }: PublishedCall, role: string, index: number, requestParameters: unknown) {
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/${CALLER}/ci`
  return {
    eventVersion: '1.11',
    eventID: idOf(index),
    eventTime: '2026-11-24T22:00:00Z',
    eventSource: `${prefix}.amazonaws.com`,
    eventName: operation,
    awsRegion: 'eu-west-1',
    recipientAccountId: ACCOUNT,
    errorCode: 'AccessDenied',
    errorMessage: `User: ${session} is not authorized to perform: iam:PassRole on resource: ${role} because no identity-based policy allows the iam:PassRole action`,
    requestParameters,
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLEDEPLOYER0:ci',
      arn: session,
      accountId: ACCOUNT,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          arn: `arn:aws:iam::${ACCOUNT}:role/${CALLER}`,
          accountId: ACCOUNT,
          userName: CALLER,
        },
      },
    },
  }
}

function roleOf(name: string, arn: string, services: readonly string[]) {
  const Principal = services.length === 0 ? { AWS: `arn:aws:iam::${ACCOUNT}:root` } : { Service: services }
  const Statement = [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }]
  return {
    Path: '/',
    RoleName: name,
    RoleId: `AROA${name.toUpperCase()}`,
    Arn: arn,
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement },
    RolePolicyList: [],
    AttachedManagedPolicies: [],
    InstanceProfileList: [],
    Tags: [],
  }
}

type Output = {
  readonly diagnosis: { readonly verdict: string }
  readonly patches: readonly {
    readonly target: { readonly kind: string }
    readonly after: { readonly Statement: readonly unknown[] }
  }[]
  readonly refusal: { readonly code: string } | null
}

function answered(call: PublishedCall, output: Output | undefined): Answered {
  const patches = output?.patches ?? []
  const widensTrust = patches.some(({ target }) => target.kind === 'role-trust-policy')
  const conditions = patches.flatMap(({ after }) => after.Statement).flatMap(statement => conditionsOf(statement))
  const granted = conditions.flatMap(({ values }) => values)
  const operator = conditions[0]?.operator ?? null
  const verdict = verdictOn(call, granted, operator)
  return {
    call,
    verdict,
    granted,
    operator,
    widensTrust,
    sure: output?.diagnosis.verdict ?? 'none',
    refusal: output?.refusal?.code ?? null,
  }
}

function conditionsOf(
  statement: unknown,
): readonly { readonly operator: string; readonly values: readonly string[] }[] {
  const { Action, Condition = {} } = statement as {
    Action: string
    Condition?: { [operator: string]: { [key: string]: string | string[] } }
  }
  if (Action !== 'iam:PassRole') return []
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    [keys['iam:PassedToService'] ?? []].map(values => ({ operator, values: [values].flat() })),
  )
}

/** `exact`: every granted value is published, and the call's value is among them in every case, or the role determines it. */
function verdictOn({ values }: PublishedCall, granted: readonly string[], operator: string | null): Verdict {
  if (granted.length === 0) return 'refused'
  const production = values.filter(isProduction)
  if (production.length === 0) return operator === 'StringEqualsIfExists' ? 'if-exists' : 'wrong'
  if (!granted.every(value => production.includes(value))) return 'wrong'
  return granted.length === production.length ? 'exact' : 'partly'
}
