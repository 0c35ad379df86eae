/** Requests similar to one denial that a change could allow: other actions, roles, services, callers and claims. */

import type { Denial } from '../../core/denial/denial.ts'
import { type ContextFacts, present } from '../../core/iam/conditions/context.ts'
import { type CaseInput, denialOf } from '../../test/case-run.ts'
import { contextVariants } from './context-variants.ts'
import { inOnePartition, type ProposedDocument } from './proposed-document.ts'

export type OracleRequest = {
  /**
   * `identity`: by the caller. `trust`: by an IAM entity whose own policies allow everything. `trust-alone`: by one whose own
   * policies allow nothing. `outside`: by a service or a federated user.
   */
  readonly side: 'identity' | 'trust' | 'trust-alone' | 'outside'
  /** The ARN of the entity or provider, or the name of the service. */
  readonly by: string
  readonly action: string
  readonly role: string
  readonly context: ContextFacts
  readonly text: string
}

const ACTIONS = [
  'iam:PassRole',
  'iam:CreateServiceLinkedRole',
  'iam:GetRole',
  'iam:PutRolePolicy',
  'iam:AttachRolePolicy',
  'iam:UpdateAssumeRolePolicy',
  'iam:CreateUser',
  'iam:DeleteRole',
  'sts:AssumeRole',
  'sts:TagSession',
  'sts:SetSourceIdentity',
  'sts:SetContext',
  'sts:AssumeRoleWithWebIdentity',
  's3:GetObject',
  'ecs:RunTask',
]
const STS = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity', 'sts:SetContext']
const FEDERATED = ['sts:AssumeRoleWithWebIdentity', 'sts:AssumeRoleWithSAML', ...STS]
const SERVICES = ['ec2', 'lambda', 'ecs-tasks', 'ecs', 'cloudformation', 'glue', 'states', 'monitoring.rds']

/** `all`: every document to compare. Covers the roles, services and condition keys in them too. */
export function oracleRequests(input: CaseInput, all: readonly ProposedDocument[]): readonly OracleRequest[] {
  const [denial, documents] = [inOnePartition(denialOf(input)), inOnePartition(all)]
  const named = [denial.resource, denial.passes, documents]
  const text = JSON.stringify(named)
  const roles = unique([
    // A path may contain any printable character.
    ...textsIn(named).filter(one => /^arn:aws:iam::\d{12}:role\/[^*?]+$/.test(one)),
    ...(text.match(/arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+/g) ?? []),
  ])
  const services = unique([
    ...(text.match(/[a-z0-9.-]+\.amazonaws\.com(\.cn)?/g) ?? []),
    ...SERVICES.map(name => `${name}.amazonaws.com`),
  ])
  const accounts = inOnePartition(input.accounts.map(account => JSON.parse(account.text) as unknown))
  const caller = callerOf(denial, accounts)
  const given = knownOnly(denial.context)
  const around = (isTrust: boolean, base: ContextFacts) =>
    contextVariants(
      documents.filter(({ role }) => (role !== null) === isTrust),
      accounts,
      base,
    )
  const call = `${denial.call.eventSource?.split('.')[0]}:${denial.call.eventName}`
  const bare = withoutPrincipal(given)
  return [
    ...fromCaller(caller, roles, services, unique([denial.action, call, ...ACTIONS]), around(false, given)),
    ...fromEntities(caller, roles, [{}, bare, ...around(true, bare)]),
    ...fromOutside(roles, services, text, given, around(true, given)),
  ]
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** The ARN of the caller. A text that masks the account names no caller, so the given account's entity of that name is used. */
function callerOf({ principal }: Denial, accounts: readonly unknown[]): string {
  const { roleArn, arn, accountId, name } = principal
  const seen = roleArn ?? arn
  if (seen !== null && /^arn:[^:]+:[^:]+:[^:]*:\d{12}:/.test(seen)) return seen
  const entities = JSON.stringify(accounts).match(/arn:aws:iam::\d{12}:(?:role|user)\/[\w+=,.@/-]+/g) ?? []
  const named = entities.find(entity => entity.split('/').at(-1) === name)
  return named ?? `arn:aws:iam::${accountId ?? '111122223333'}:role/nobody`
}

function fromCaller(
  by: string,
  roles: readonly string[],
  services: readonly string[],
  actions: readonly string[],
  around: readonly ContextFacts[],
): readonly OracleRequest[] {
  const account = by.split(':')[4] ?? ''
  const all = unique([...roles, ...roles.flatMap(near), `arn:aws:iam::${account}:role/Administrator`])
  return all.flatMap(role => {
    // Roles that no document names need only the context that satisfies every condition.
    const contexts = [{}, ...(roles.includes(role) ? around : around.slice(0, 1))]
    return actions.flatMap(action => {
      // Other actions get both keys too, in case a statement allows too many actions.
      const handed = services.map(one => ({ 'iam:awsservicename': present(one), 'iam:passedtoservice': present(one) }))
      const few = /PassRole|ServiceLinked/.test(action) ? handed : handed.slice(0, 3)
      return [{}, ...few].flatMap(keys =>
        contexts.map(context => oracleRequest('identity', by, action, role, { ...context, ...keys })),
      )
    })
  })
}

function fromEntities(
  caller: string,
  roles: readonly string[],
  contexts: readonly ContextFacts[],
): readonly OracleRequest[] {
  const account = caller.split(':')[4] ?? ''
  const users = ['ann', 'Administrator'].map(name => `arn:aws:iam::${account}:user/${name}`)
  const others = ['111122223333', '444455556666', '555566667777'].map(id => `arn:aws:iam::${id}:role/somebody`)
  const all = unique([caller, ...near(caller), ...users, ...others])
  return roles.flatMap(role =>
    all.flatMap(by =>
      [...STS, 'sts:GetSessionToken'].flatMap(action =>
        contexts.flatMap(context =>
          (['trust', 'trust-alone'] as const).map(side => oracleRequest(side, by, action, role, context)),
        ),
      ),
    ),
  )
}

function fromOutside(
  roles: readonly string[],
  services: readonly string[],
  text: string,
  given: ContextFacts,
  around: readonly ContextFacts[],
): readonly OracleRequest[] {
  const named = text.match(/arn:aws:iam::\d{12}:(oidc|saml)-provider\/[\w.+=,@/-]+/g) ?? []
  const providers = unique([...named, 'arn:aws:iam::111122223333:oidc-provider/other.example.com'])
  const claims = Object.entries(given).flatMap(([key, fact]) => {
    const value = fact.state === 'present' ? (fact.values[0] ?? '') : ''
    return otherTexts(value).map(other => ({ ...given, [key]: present(other) }))
  })
  return roles.flatMap(role => [
    ...providers.flatMap(by =>
      FEDERATED.flatMap(action =>
        [given, {}, ...claims, ...around].map(context => oracleRequest('outside', by, action, role, context)),
      ),
    ),
    ...services.flatMap(by =>
      STS.flatMap(action => [{}, ...around].map(context => oracleRequest('outside', by, action, role, context))),
    ),
  ])
}

/** The same subject with another branch, repository, owner or namespace. */
function otherTexts(value: string): readonly string[] {
  const parts = value.split(/(?<=[:/@])/)
  const swapped = parts.map((_, at) =>
    parts.map((part, index) => (index === at ? `other${part.at(-1)}` : part)).join(''),
  )
  return unique([`${value}x`, `x${value}`, value.slice(0, -1), value.toUpperCase(), 'anybody', ...swapped])
}

function near(arn: string): readonly string[] {
  const name = arn.split('/').at(-1) ?? ''
  const to = (other: string) => `${arn.slice(0, arn.length - name.length)}${other}`
  const account = arn.split(':')[4] ?? ''
  return [
    to(`${name}-admin`),
    to(`${name}2`),
    to(name.slice(0, -1) || 'x'),
    to(name.toUpperCase()),
    to(`other/${name}`),
    arn.replace(account, '999988887777'),
  ].filter(other => other !== arn)
}

/** The principal of the request replaces that of the event. */
function withoutPrincipal(context: ContextFacts): ContextFacts {
  return Object.fromEntries(Object.entries(context).filter(([key]) => !/^aws:(principal|user)/.test(key)))
}
function knownOnly(context: ContextFacts): ContextFacts {
  return Object.fromEntries(Object.entries(context).filter(([, fact]) => fact.state !== 'unknown'))
}

function oracleRequest(
  side: OracleRequest['side'],
  by: string,
  action: string,
  role: string,
  context: ContextFacts,
): OracleRequest {
  return { side, by, action, role, context, text: JSON.stringify([side, by, action, role, context]) }
}

const unique = <T>(items: readonly T[]): readonly T[] => [...new Set(items)]
