import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical.ts'
import type { Denial } from './denial.ts'

/** 16 hex digits, equal for every repeat of one denial: the same role or user, action, resource, receiving service and account. */
export function fingerprintOf(denial: Denial): string {
  const { principal } = denial
  const who = principal.roleArn ?? principal.arn ?? principal.uniqueId ?? principal.name
  const parts = [who, denial.action, denial.resource, denial.passes[0]?.service.candidates[0] ?? null, denial.accountId]
  return createHash('sha256').update(canonicalJson(parts)).digest('hex').slice(0, 16)
}
