import type { DenialReason } from '../denial.ts'

/**
 * The denial of a permission that is not ours: named where it broke a deploy, never analyzed, patched or asked for. It is no
 * `Denial`, so that nothing of it can reach a card.
 */
export type OtherDenial = {
  /** As AWS spells actions, `s3:CreateBucket`. Null: the text names none. */
  readonly action: string | null
  /** The refused call, as far as the text names it. `service`: the prefix of its actions. */
  readonly call: RefusedCall | null
  /** As the text names it: an ARN, a name, an account, or one of `UNNAMED`. */
  readonly principal: string | null
  /** As the text names it: an ARN, `*`, "role deploy", "bucket/key". */
  readonly resource: string | null
  readonly layer: DenyingLayer
  /** A statement denies it, and no allow helps. */
  readonly isExplicit: boolean
  /** Of the denying policy, where AWS names it. */
  readonly policyArn: string | null
  /** Counted from 1. */
  readonly line: number
  /** The words of the refusal, at most 1,024 characters. */
  readonly text: string
}

/** Who was denied, where the text says only that it is not who deploys. */
export const UNNAMED = {
  executionRole: 'the execution role',
  pulls: 'who pulls the image',
  stateMachine: 'the role of the state machine',
  writesLogs: 'the service that writes the logs',
} as const
export const isUnnamed = (principal: string): boolean => Object.values<string>(UNNAMED).includes(principal)

export type RefusedCall = { readonly service: string | null; readonly operation: string | null }

export const DENYING_LAYERS = [
  ...(['identity', 'boundary', 'session', 'scp', 'rcp'] as const),
  ...(['vpce', 'resource', 'public-access', 'trust', 'unknown'] as const),
] as const
export type DenyingLayer = (typeof DENYING_LAYERS)[number]

export function layerOfReason(reason: DenialReason): Pick<OtherDenial, 'layer' | 'isExplicit'> {
  const isExplicit = reason.startsWith('explicit-deny')
  return { layer: LAYERS.find(([words]) => words.test(reason))?.[1] ?? 'unknown', isExplicit }
}

const LAYERS: readonly (readonly [RegExp, DenyingLayer])[] = [
  [/identity/, 'identity'],
  [/boundary/, 'boundary'],
  [/session/, 'session'],
  [/scp/, 'scp'],
  [/rcp/, 'rcp'],
  [/vpce/, 'vpce'],
  [/resource/, 'resource'],
  [/trust/, 'trust'],
]
