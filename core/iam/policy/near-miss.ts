/** How a pattern nearly matches an ARN: the difference that people overlook. */

import { nameDistance } from '../../base/index.ts'
import { hasWildcard, matchesGlob } from './glob.ts'
import type { NearMiss } from './mismatch.ts'

/** The parts of an ARN or an ARN pattern; each may contain wildcards. */
type Parts = { readonly home: string; readonly account: string; readonly resource: string }
const PARTS = /^(arn:[^:]*:[^:]*:[^:]*):([^:]*):(.*)$/s

export function nearMiss(pattern: string, actual: string): NearMiss {
  const wanted = split(pattern)
  const got = split(actual)
  if (wanted === null || got === null) return null
  const sameAccount = matchesGlob(wanted.account, got.account)
  const sameHome = matchesGlob(wanted.home, got.home)
  if (matchesGlob(wanted.resource, got.resource)) {
    if (sameHome) return sameAccount ? null : 'account'
    return sameAccount && afterPartition(wanted.home) === afterPartition(got.home) ? 'partition' : null
  }
  if (!sameAccount) return null
  const role = sessionRole(wanted.resource) ?? sessionRole(got.resource)
  if (role !== null) return sessionForRole(role, wanted.resource, got.resource)
  if (!sameHome) return null
  if (matchesGlob(wanted.resource.toLowerCase(), got.resource.toLowerCase())) return 'case'
  if (kindOf(wanted.resource) !== kindOf(got.resource)) return null
  const [name, actualName] = [lastPart(wanted.resource), lastPart(got.resource)]
  if (/[^*?]/.test(name) && matchesGlob(name.toLowerCase(), actualName.toLowerCase())) return 'path'
  return !hasWildcard(pattern) && nameDistance(name, actualName) !== null ? 'name' : null
}

function sessionForRole(role: string, wanted: string, got: string): NearMiss {
  const isThatRole = (resource: string) =>
    sessionRole(resource) === role || (kindOf(resource) === 'role' && lastPart(resource) === role)
  return isThatRole(wanted) && isThatRole(got) ? 'session-for-role' : null
}

/** Splits into `arn:partition:service:region`, account and resource. */
function split(text: string): Parts | null {
  const match = PARTS.exec(text)
  if (match === null) return null
  const [, home = '', account = '', resource = ''] = match
  return { home, account, resource }
}

function afterPartition(home: string): string {
  return home.slice(home.indexOf(':', 'arn:'.length))
}

function kindOf(resource: string): string {
  return resource.slice(0, resource.indexOf('/'))
}

function lastPart(resource: string): string {
  return resource.slice(resource.lastIndexOf('/') + 1)
}

function sessionRole(resource: string): string | null {
  return resource.startsWith('assumed-role/') ? (resource.split('/')[1] ?? null) : null
}
