/** What was read around a denial, to judge what a role that is opened could become. */
import type { Fact, Read } from '../../base/fact.ts'
import { parseEntityArn, parseSessionArn } from '../../iam/arn.ts'
import type { Identity, ListedRole, Role } from '../../iam/evaluation/access-snapshot.ts'
import { list } from '../../iam/policy/policy-document.ts'

export type Surroundings = {
  /** Every role of an account, by account id. An account that is missing was not asked for. */
  readonly roles: ReadonlyMap<string, Fact<readonly ListedRole[]>>
  /** Roles and users with their policies, by ARN. One that is missing was not asked for. */
  readonly identities: ReadonlyMap<string, Read<Identity | Role>>
}

/** What would have to be read to say more. */
export type Want =
  | { readonly kind: 'roles-of'; readonly accountId: string }
  | { readonly kind: 'identity'; readonly arn: string }

export const NOTHING_READ: Surroundings = { roles: new Map(), identities: new Map() }

/** Roles of one account by what their trust policies name, so that few of thousands have to be evaluated. */
export type TrustIndex = {
  readonly byArn: ReadonlyMap<string, ListedRole>
  /** Roles whose trust policy may admit a principal of this ARN. Which of them does, the evaluator says. */
  readonly namedBy: (arn: string) => readonly ListedRole[]
  /** `name` is a service, or an identity provider. */
  readonly trusting: (name: string) => readonly ListedRole[]
  readonly providers: readonly string[]
}

const INDEXES = new WeakMap<readonly ListedRole[], TrustIndex>()

/** A list is kept for minutes, and so is what was made of it. */
export function trustIndex(roles: readonly ListedRole[]): TrustIndex {
  const present = INDEXES.get(roles)
  if (present !== undefined) return present
  const made = indexOf(roles)
  INDEXES.set(roles, made)
  return made
}

function indexOf(roles: readonly ListedRole[]): TrustIndex {
  const aws = new Map<string, ListedRole[]>()
  const others = new Map<string, ListedRole[]>()
  /** Named by exception, or not readable: they may admit anybody. */
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
          for (const name of list(names)) add(type === 'AWS' ? aws : others, type === 'AWS' ? keyOf(name) : name, role)
    }
  }
  const named = (keys: readonly string[]) => [...new Set([...keys.flatMap(key => aws.get(key) ?? []), ...open])]
  return {
    byArn: new Map(roles.map(role => [role.arn, role])),
    namedBy: arn => named(keysOf(arn)),
    trusting: name => others.get(name) ?? [],
    providers: [...others.keys()].filter(name => name.includes('-provider/')),
  }
}

/** A session of a role and an account by its id alone go by one key each. */
function keyOf(name: string): string {
  const session = parseSessionArn(name)
  if (session !== null) return `${session.accountId} ${session.roleName}`
  return /^arn:[a-z-]+:iam::\d{12}:root$/.test(name) ? (name.split(':')[4] ?? name) : name
}

function keysOf(arn: string): readonly string[] {
  const { accountId = '', name = '' } = parseEntityArn(arn) ?? {}
  return [arn, accountId, `${accountId} ${name}`, '*']
}
