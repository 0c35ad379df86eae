import type { DenialReason } from '../denial.ts'
import { arnAt } from './arn-in-text.ts'

/**
 * AWS's reason for the denial, from the words after the resource.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
type Layer = 'identity' | 'trust' | 'resource' | 'boundary' | 'session' | 'scp' | 'rcp' | 'vpce'

/** Spellings of policy types in messages and in AWS's documentation. */
const POLICY_TYPES: readonly (readonly [RegExp, Layer])[] = [
  [/^identity[- ]based polic(?:y|ies)/i, 'identity'],
  [/^role trust policy/i, 'trust'],
  [/^resource[- ]based policy/i, 'resource'],
  [/^permissions? boundary/i, 'boundary'],
  [/^sessions? policy/i, 'session'],
  [/^(?:service control policy|SCP\b)/i, 'scp'],
  [/^(?:resource control policy|RCP\b)/i, 'rcp'],
  [/^(?:VPC endpoint policy|VPCE policy)/i, 'vpce'],
]

const NO_ALLOW: { readonly [layer in Layer]: DenialReason } = {
  identity: 'no-identity-policy',
  trust: 'no-trust-policy',
  resource: 'no-resource-policy',
  boundary: 'no-boundary',
  session: 'no-session-policy',
  scp: 'no-scp',
  rcp: 'no-rcp',
  vpce: 'no-vpce-policy',
}

const EXPLICIT: { readonly [layer in Layer]: DenialReason } = {
  identity: 'explicit-deny-identity',
  trust: 'explicit-deny-trust',
  resource: 'explicit-deny-resource',
  boundary: 'explicit-deny-boundary',
  session: 'explicit-deny-session',
  scp: 'explicit-deny-scp',
  rcp: 'explicit-deny-rcp',
  vpce: 'explicit-deny-vpce',
}

/** AWS's documentation has one "because the role trust policy allows" instead of "no". */
const BECAUSE = /^[\s.,;]{0,3}because (?:no|the) /i
const WITH_DENY = /^[\s.,;]{0,3}with an explicit deny\b(?: in (?:a|an|the) )?/i
const POLICY_ARN = /^[^:.]{0,80}: ?"?(?=arn:)/
/** "because no identity-based policy allows the iam:PassRole action" */
const SENTENCE = /^[\s.,;]{0,3}because (?:no|the) [A-Za-z -]{1,60} allows? (?:the )?[A-Za-z0-9:-]{1,200}(?: action)?/i

export type Reason = {
  readonly reason: DenialReason
  readonly policyArn: string | null
  /** Its length in the text. */
  readonly length: number
}

/** `tail` starts right after the resource. Unknown words give no reason, never a guess. */
export function readReason(tail: string): Reason {
  const because = BECAUSE.exec(tail)
  if (because !== null) {
    const layer = layerAt(tail.slice(because[0].length))
    const length = SENTENCE.exec(tail)?.[0].length ?? because[0].length
    return { reason: layer === null ? 'none-given' : NO_ALLOW[layer], policyArn: null, length }
  }
  const deny = WITH_DENY.exec(tail)
  if (deny === null) return { reason: 'none-given', policyArn: null, length: 0 }
  const rest = tail.slice(deny[0].length)
  const layer = layerAt(rest)
  if (layer === null) return { reason: 'explicit-deny', policyArn: null, length: deny[0].length }
  const named = POLICY_ARN.exec(rest)
  const arn = named === null ? null : arnAt(rest, named[0].length)
  const words = /^[A-Za-z -]{0,80}/.exec(rest)?.[0].trimEnd().length ?? 0
  return { reason: EXPLICIT[layer], policyArn: arn?.arn ?? null, length: deny[0].length + (arn?.end ?? words) }
}

function layerAt(text: string): Layer | null {
  return POLICY_TYPES.find(([spelling]) => spelling.test(text))?.[1] ?? null
}
