/**
 * The policies that AWS stored with a denied request. A policy that cannot be read (no permission, not stored, an outage) is
 * omitted; the evaluation is valid without it.
 * https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/API_GetRequestAuthorizationPolicy.html
 */
import {
  type CapturedPolicy,
  MAX_POLICY_CHARS,
  type NamedPolicy,
  policyInAnswer,
  withinRoom,
} from '../../../../core/denial/index.ts'
import { getFromToolbox, type ToolboxOptions, type ToolboxRequest } from './iam-toolbox.ts'

const TIMEOUT_MS = 5_000
/** The policy is text within JSON, where quotes and non-ASCII characters take more than one byte. */
const MAX_BYTES = 4 * MAX_POLICY_CHARS

export async function readAuthorizationPolicies(
  request: ToolboxRequest,
  policies: readonly NamedPolicy[],
  options: ToolboxOptions,
): Promise<readonly CapturedPolicy[]> {
  const read = await Promise.all(policies.map(policy => capturedPolicy(request, policy, options)))
  return withinRoom(read.filter(policy => policy !== null))
}

async function capturedPolicy(
  request: ToolboxRequest,
  policy: NamedPolicy,
  options: ToolboxOptions,
): Promise<CapturedPolicy | null> {
  const get = {
    path: `/authorization-details/${request.authorizationId}/policy`,
    query: { policyUri: policy.uri },
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  }
  try {
    const { status, body } = await getFromToolbox(request, get, options)
    const document = status === 200 ? policyInAnswer(body) : null
    return document === null ? null : { ...policy, document }
  } catch {
    return null
  }
}
