import { hash } from 'node:crypto'
import { canonicalJson } from '../base/index.ts'
import type { Denial } from './denial.ts'

/** 16 hex digits that are equal for every repeat of a denial: same role or user, action, resource, receiving service and account. */
export const fingerprintOf = (denial: Denial): string => fingerprintOfRequest(deniedRequest(denial))

/** Caller, action, resource, account and receiving service. The resource can be an ARN, or a name that the denial shows. */
export type DeniedRequest = readonly (string | null)[]

export const deniedRequest = (denial: Denial): DeniedRequest => [
  ...requestOf(denial),
  denial.passes[0]?.service.values[0]?.service ?? null,
]

export const fingerprintOfRequest = (request: DeniedRequest): string => digest(request)

/** Like the fingerprint, without the receiving service, which an error text does not name. */
export function requestKeyOf(denial: Denial): string {
  return digest(requestOf(denial))
}

/** Equal for denials that need the same grant: the same request and the same receiving service, in whatever parameter the role is. */
export const needKeyOf = (denial: Denial): string =>
  `${requestKeyOf(denial)} ${denial.passes[0]?.service.values[0]?.service ?? ''}`

/** True for the same request. For a passed role, the services must overlap if both denials name any. */
export function isSameNeed(one: Denial, other: Denial): boolean {
  if (requestKeyOf(one) !== requestKeyOf(other)) return false
  const [ones, others] = [servicesOf(one), servicesOf(other)]
  return ones.length === 0 || others.length === 0 || ones.some(service => others.includes(service))
}

/** Ignores services that are only guessed from what such roles usually trust. */
const servicesOf = ({ passes, resource }: Denial): readonly string[] =>
  (passes.find(({ arn }) => arn === resource) ?? passes[0])?.service.values
    .filter(({ evidence }) => evidence !== 'trust')
    .map(({ service }) => service) ?? []

function requestOf(denial: Denial): readonly (string | null)[] {
  return [callerKeyOf(denial), denial.action, denial.resource, denial.accountId ?? denial.principal.accountId]
}

/**
 * Equal for every session of a role, also where a text hides the account. Ignores the path, which a session ARN lacks; names are unique
 * within an account.
 */
export function callerKeyOf({ principal }: Pick<Denial, 'principal'>): string | null {
  const { kind, accountId, name, arn, sessionName } = principal
  switch (kind) {
    case 'role':
    case 'sso-role':
    case 'service-linked-role':
    case 'user':
      if (accountId !== null && name !== null) return `${kind === 'user' ? 'user' : 'role'}/${accountId}/${name}`
      break
    default:
  }
  const ofSession = name !== null && ROLE_NAME.test(name) && !isHiddenName(name) && sessionName !== null
  const known = arn !== null && ofSession && arn.endsWith(`/${sessionName}`) ? arn.slice(0, -sessionName.length) : arn
  return principal.roleArn ?? known ?? principal.uniqueId ?? name
}

const ROLE_NAME = /^[\w+=,.@-]{1,64}$/

/** A person has put `xxxx` in place of the whole name. */
export const isHiddenName = (name: string): boolean => /^(?:x{3,40}|X{3,40})$/.test(name)

const digest = (parts: readonly unknown[]): string => hash('sha256', canonicalJson(parts)).slice(0, 16)
