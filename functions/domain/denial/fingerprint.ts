import { hash } from 'node:crypto'
import { canonicalJson } from '../base/canonical-json.ts'
import type { Denial } from './denial.ts'

/** 16 hex digits, equal for every repeat of a denial: same role or user, action, resource, receiving service and account. */
export function fingerprintOf(denial: Denial): string {
  return digest([...requestOf(denial), denial.passes[0]?.service.values[0]?.service ?? null])
}

/** The fingerprint without the receiving service, which an error text does not name. */
export function requestKeyOf(denial: Denial): string {
  return digest(requestOf(denial))
}

function requestOf(denial: Denial): readonly (string | null)[] {
  return [callerKeyOf(denial), denial.action, denial.resource, denial.accountId ?? denial.principal.accountId]
}

/** The same for every session of a role. Ignores the path, which a session ARN lacks: names are unique within an account. */
export function callerKeyOf({ principal }: Pick<Denial, 'principal'>): string | null {
  const { kind, accountId, name } = principal
  switch (kind) {
    case 'role':
    case 'sso-role':
    case 'service-linked-role':
    case 'user':
      if (accountId !== null && name !== null) return `${kind === 'user' ? 'user' : 'role'}/${accountId}/${name}`
      break
    default:
  }
  return principal.roleArn ?? principal.arn ?? principal.uniqueId ?? name
}

const digest = (parts: readonly unknown[]): string => hash('sha256', canonicalJson(parts)).slice(0, 16)
