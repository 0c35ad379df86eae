/** Policies that AWS kept with a denied request: which of them to ask for, and what of the answers is kept. */

import { asksTrustPolicy } from '../actions/actions.ts'
import { parsePolicy } from '../iam/policy/parse-policy.ts'
import type { PolicyDocument, PolicyType } from '../iam/policy/policy-document.ts'
import { type DetailsPage, decidingIn } from './aws-evaluation.ts'
import type { CapturedPolicy } from './denial.ts'

/** One, without its document. */
export type NamedPolicy = Omit<CapturedPolicy, 'document'>

const MAX_POLICIES = 5
/** The longest policy of AWS, a VPC endpoint's. */
export const MAX_POLICY_CHARS = 20_480
/** All of them are stored with the denial. */
const MAX_CHARS_IN_ALL = 40_000

/** https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/API_PolicyInfo.html */
const TYPES: { readonly [type: string]: PolicyType } = {
  IDENTITY_BASED_POLICY: 'identity',
  PERMISSIONS_BOUNDARY: 'boundary',
  SESSION_POLICY: 'session',
  SERVICE_CONTROL_POLICY: 'scp',
  RESOURCE_CONTROL_POLICY: 'rcp',
  VPC_ENDPOINT_POLICY: 'vpce',
}

/** Those with a statement that denied. What only allows did not decide, or can be read elsewhere. */
export function denyingPolicies(pages: readonly DetailsPage[]): readonly NamedPolicy[] {
  const evaluation = decidingIn(pages)
  if (evaluation === undefined) return []
  const listed = pages.flatMap(page => page.policies ?? [])
  return (evaluation.matchedPolicies ?? [])
    .map(({ uri, matchedStatements = [] }) => {
      const info = listed.find(one => one.uri === uri)
      return {
        uri,
        type: typeOf(info?.type, evaluation.action, evaluation.resource),
        attachedTo: info?.attachedTo?.[0]?.arn ?? null,
        denies: matchedStatements
          .filter(({ evaluatedEffect }) => evaluatedEffect?.toUpperCase() === 'DENY')
          .map(({ sid }) => sid ?? null),
      }
    })
    .filter(policy => policy.denies.length > 0 && policy.uri.length <= 2_048)
    .slice(0, MAX_POLICIES)
}

/** A role's trust policy is the resource-based policy of assuming it; passing a role has none. */
function typeOf(type: string | undefined, action: string, resource: string): PolicyType | null {
  if (type === 'RESOURCE_BASED_POLICY') return asksTrustPolicy(action, resource) ? 'trust' : null
  return type !== undefined && Object.hasOwn(TYPES, type) ? (TYPES[type] ?? null) : null
}

/**
 * The document in an answer of `GetRequestAuthorizationPolicy`: the answer itself, or its one member that is a policy, as an
 * object or as its text. Null for anything else.
 * https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/API_GetRequestAuthorizationPolicy.html
 */
export function policyInAnswer(body: string): PolicyDocument | null {
  const answer = parsedObject(body)
  if (answer === null) return null
  const policies = [answer, ...Object.values(answer)].flatMap(candidate => {
    const policy = parsePolicy(candidate)
    return policy.ok ? [policy.value] : []
  })
  return policies.length === 1 ? (policies[0] ?? null) : null
}

/** In the order of the evaluation, as long as there is room. */
export function withinRoom(policies: readonly CapturedPolicy[]): readonly CapturedPolicy[] {
  let room = MAX_CHARS_IN_ALL
  return policies.filter(({ document }) => {
    const size = JSON.stringify(document).length
    if (size > MAX_POLICY_CHARS || size > room) return false
    room -= size
    return true
  })
}

function parsedObject(body: string): object | null {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}
