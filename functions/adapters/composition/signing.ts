/** The signing keys from the environment. KMS loads with the first signature. */
import type { KeyUse } from '../../domain/authority/index.ts'
import type { Keys, Signer } from '../../ports/signer.ts'
import { environment } from './environment.ts'
import { lazyPort } from './lazy-import.ts'

/** The keys of the functions that are deployed: attestations and outcomes are signed by none of them. */
type DeployedUse = Extract<KeyUse, 'decisions' | 'audit'>

const NAMES = ['DECISIONS_KEY_ARN', 'AUDIT_KEY_ARN'] as const

/** Several ARNs of one use, separated by commas: the first one signs now, and what the others signed stays valid. */
const arnsIn = (text: string): readonly string[] =>
  text
    .split(',')
    .map(arn => arn.trim())
    .filter(arn => arn !== '')

export function cloudKeys(env: NodeJS.ProcessEnv): Keys {
  const names = environment(env, NAMES)
  const keys = {
    decisions: arnsIn(names.DECISIONS_KEY_ARN),
    attestations: [],
    outcomes: [],
    audit: arnsIn(names.AUDIT_KEY_ARN),
  }
  return lazyPort<Keys>(
    async () => {
      const { kmsClient, kmsKeys } = await import('../aws/signing/kms-keys.ts')
      return kmsKeys({ client: kmsClient(), keys })
    },
    { ring: true },
  )
}

export function cloudSigner(env: NodeJS.ProcessEnv, use: DeployedUse): Signer {
  const names = environment(env, NAMES)
  const [keyArn = ''] = arnsIn(use === 'decisions' ? names.DECISIONS_KEY_ARN : names.AUDIT_KEY_ARN)
  return lazyPort<Signer>(
    async () => {
      const { kmsClient, kmsSigner } = await import('../aws/signing/kms-signer.ts')
      return kmsSigner(kmsClient(), use, keyArn)
    },
    { sign: true },
  )
}
