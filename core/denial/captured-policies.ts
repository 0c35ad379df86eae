/** The policies that AWS stores with a denied request: which of them to read, and how much of them to keep. */

import { asksTrustPolicy } from '../actions/index.ts'
import { type PolicyDocument, type PolicyType, parsePolicy } from '../iam/index.ts'
import { type DetailsPage, decidingIn } from './aws-evaluation.ts'
import type { CapturedPolicy } from './denial.ts'

/** A captured policy without its document. */
export type NamedPolicy = Omit<CapturedPolicy, 'document'>

const MAX_POLICIES = 5
/** The limit of VPC endpoint policies, AWS's longest policy type. */
export const MAX_POLICY_CHARS = 20_480
/** The limit for one denial, because they are stored with it. */
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

/** The policies with a statement that denied. The others did not decide, or can be read elsewhere. */
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

/** For assuming a role, the resource-based policy is the trust policy. Passing a role has none. */
function typeOf(type: string | undefined, action: string, resource: string): PolicyType | null {
  if (type === 'RESOURCE_BASED_POLICY') return asksTrustPolicy(action, resource) ? 'trust' : null
  return type !== undefined && Object.hasOwn(TYPES, type) ? (TYPES[type] ?? null) : null
}

/**
 * The document in a `GetRequestAuthorizationPolicy` response: the response itself, or its only member that is a policy, as an
 * object or as text. Null if there is none.
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

/** The first policies, in order of the evaluation, that fit into the size limit. */
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
