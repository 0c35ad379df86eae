/** Why a pattern that did not match an ARN nearly did: the difference that a person overlooks. */
import { parseArn } from './arn.ts'
import type { NearMiss } from './evaluate.ts'
import { nameDistance } from './near-roles.ts'
import { hasWildcard, matchesGlob } from './wildcard.ts'

export function nearMiss(pattern: string, actual: string): NearMiss {
  if (matchesGlob(pattern.toLowerCase(), actual.toLowerCase())) return 'case'
  const wanted = parseArn(pattern) ?? looseArn(pattern)
  const got = parseArn(actual)
  if (wanted === null || got === null) return null
  const session = sessionRole(wanted.resource) ?? sessionRole(got.resource)
  if (session !== null) {
    const other = sessionRole(wanted.resource) === null ? wanted.resource : got.resource
    const sameRole = lastPart(other) === session || sessionRole(other) === session
    return sameRole && wanted.accountId === got.accountId ? 'session-for-role' : null
  }
  const text = (partition: string, accountId: string) =>
    [`arn:${partition}`, wanted.service, wanted.region, accountId, wanted.resource].join(':')
  if (matchesGlob(text(got.partition, wanted.accountId), actual)) return 'partition'
  if (matchesGlob(text(wanted.partition, got.accountId), actual)) return 'account'
  const sameHome = wanted.service === got.service && matchesGlob(wanted.accountId, got.accountId)
  if (!sameHome || wanted.resource.split('/')[0] !== got.resource.split('/')[0]) return null
  const [name, actualName] = [lastPart(wanted.resource), lastPart(got.resource)]
  if (/[^*?]/.test(name) && matchesGlob(name.toLowerCase(), actualName.toLowerCase())) return 'path'
  return !hasWildcard(pattern) && nameDistance(name, actualName) !== null ? 'name' : null
}

type Parts = { partition: string; service: string; region: string; accountId: string; resource: string }

/** A pattern may hold wildcards where an ARN may not. */
function looseArn(pattern: string): Parts | null {
  const [arn, partition = '', service = '', region = '', accountId = '', ...rest] = pattern.split(':')
  return arn === 'arn' && rest.length > 0 ? { partition, service, region, accountId, resource: rest.join(':') } : null
}

function lastPart(resource: string): string {
  return resource.split('/').at(-1) ?? ''
}

function sessionRole(resource: string): string | null {
  const [kind, role] = resource.split('/')
  return kind === 'assumed-role' && role !== undefined ? role : null
}
