/** Indexes the roles of one account by the principals in their trust policies, so that only a few of thousands are evaluated. */
import { evaluate } from '../../actions/index.ts'
import { ABSENT, found, memoize, perObject } from '../../base/index.ts'
import {
  type ContextFacts,
  globalServiceName,
  type ListedRole,
  list,
  parseEntityArn,
  parseSessionArn,
  principalsOf,
  type TargetRole,
} from '../../iam/index.ts'
import { isolatedRole, isolatedSnapshot } from './isolated-evaluation.ts'

export type TrustIndex = {
  readonly byArn: ReadonlyMap<string, ListedRole>
  /** Roles whose trust policy may admit a principal with this ARN without an identity policy. The evaluator decides which of them do. */
  readonly naming: (arn: string) => readonly ListedRole[]
  /** Roles that delegate the decision to the policies of an account's entities. */
  readonly delegating: (accountId: string) => readonly ListedRole[]
  /** Roles that a service or an identity provider may assume. */
  readonly admitting: (name: string) => readonly ListedRole[]
  readonly providers: readonly string[]
}

/** Cached with the list, which lives for minutes. */
export const trustIndex: (roles: readonly ListedRole[]) => TrustIndex = perObject(indexOf)

function indexOf(roles: readonly ListedRole[]): TrustIndex {
  const aws = new Map<string, ListedRole[]>()
  const others = new Map<string, ListedRole[]>()
  /** Trust policies with exceptions, or unreadable ones: they may admit anybody. */
  const open: ListedRole[] = []
  const add = (map: Map<string, ListedRole[]>, key: string, role: ListedRole) => {
    const present = map.get(key)
    if (present === undefined) map.set(key, [role])
    else if (present.at(-1) !== role) present.push(role)
  }
  for (const role of roles) {
    if (!role.trust.known) {
      open.push(role)
      continue
    }
    for (const { Effect, Principal, NotPrincipal } of role.trust.value.Statement) {
      if (Effect !== 'Allow') continue
      if (NotPrincipal !== undefined) open.push(role)
      if (Principal === undefined) continue
      if (Principal === '*') add(aws, '*', role)
      else
        for (const [type, names] of Object.entries(Principal))
          for (const name of list(names))
            add(type === 'AWS' ? aws : others, type === 'AWS' ? keyOf(name) : globalServiceName(name), role)
    }
  }
  return {
    byArn: new Map(roles.map(role => [role.arn, role])),
    naming: arn => [...new Set([...keysOf(arn).flatMap(key => aws.get(key) ?? []), ...open])],
    delegating: accountId => aws.get(accountId) ?? [],
    admitting: memoize((name: string) =>
      (others.get(globalServiceName(name)) ?? []).filter(role => admits(role, name)),
    ),
    providers: [...others.keys()].filter(name => name.includes('-provider/')),
  }
}

/** Maps both spellings of one principal to one key: a role and its session, an account and its bare id. */
function keyOf(name: string): string {
  const session = parseSessionArn(name)
  if (session !== null) return `${session.accountId} ${session.roleName}`
  return /^arn:[a-z-]+:iam::\d{12}:root$/.test(name) ? (name.split(':')[4] ?? name) : name
}

function keysOf(arn: string): readonly string[] {
  const { accountId = '', name = '' } = parseEntityArn(arn) ?? {}
  return [arn, `${accountId} ${name}`, '*']
}

const SAML = /:saml-provider\//
/** OIDC providers of the account, and the one of AWS that trust policies name by its host. */
const WEB = /:oidc-provider\/|^cognito-identity[a-z0-9.-]*\.amazonaws\.com(?:\.cn)?$/

/** Whether the role's trust policy admits a service or an identity provider. Claims are unknown, so they may have any value. */
export function admits(role: ListedRole, by: string, context: ContextFacts = {}): boolean {
  const action = SAML.test(by)
    ? 'sts:AssumeRoleWithSAML'
    : WEB.test(by)
      ? 'sts:AssumeRoleWithWebIdentity'
      : 'sts:AssumeRole'
  const snapshot = isolatedSnapshot(ABSENT, [targetOf(role)])
  return spellings(role, by).some(principalArn => {
    const request = { action, resource: role.arn, principalArn, roleArn: null, context }
    return evaluate(request, snapshot).answer !== 'denied'
  })
}

/** Its name, and those of other Regions and partitions that the trust policy has. */
function spellings({ trust }: ListedRole, by: string): readonly string[] {
  const names = trust.known ? trust.value.Statement.flatMap(principalsOf).map(({ name }) => name) : []
  return [...new Set([by, ...names.filter(name => globalServiceName(name) === globalServiceName(by))])]
}

export function targetOf({ arn, trust }: ListedRole): TargetRole {
  const target = isolatedRole(arn, { Statement: [] })
  return target.role.kind === 'found' ? { ...target, role: found({ ...target.role.value, trust }) } : target
}
