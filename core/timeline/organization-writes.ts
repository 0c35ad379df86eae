/** Writes of AWS Organizations after which other service or resource control policies may apply to an account. */

import type { AccessSnapshot } from '../iam/index.ts'
import { jsonMembers, type TrailWrite } from './trail.ts'

const CHANGES =
  /^(?:AttachPolicy|DetachPolicy|UpdatePolicy|DeletePolicy|EnablePolicyType|DisablePolicyType|MoveAccount|EnableAllFeatures|AcceptHandshake|RemoveAccountFromOrganization|LeaveOrganization)$/

const GUARDS: readonly unknown[] = ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY']

/**
 * True unless the write is about another type of policy, another account, or a unit that is not above the accounts.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html
 */
export function mayGuard(
  { source, eventName, parameters, response }: TrailWrite,
  accounts: readonly (string | null)[],
  { scps, rcps }: AccessSnapshot,
): boolean {
  if (source !== 'organizations.amazonaws.com' || !CHANGES.test(eventName)) return false
  const summary = jsonMembers(jsonMembers(response?.['policy'])?.['policySummary'])
  const type = summary?.['type'] ?? parameters?.['policyType']
  if (type !== undefined && !GUARDS.includes(type)) return false
  const target = parameters?.['targetId'] ?? parameters?.['accountId']
  if (typeof target !== 'string') return true
  if (/^\d{12}$/.test(target)) return accounts.includes(target)
  const levels = [scps, rcps].map(one => (one.known ? one.value.map(({ id }) => id) : null))
  return levels.some(ids => ids === null || ids.length === 0 || ids.includes(target))
}
