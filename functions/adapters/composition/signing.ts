/** The signing keys from the environment. KMS loads with the first signature. */
import type { KeyUse } from '../../domain/authority/index.ts'
import type { Keys, Signer } from '../../ports/signer.ts'
import { environment } from './environment.ts'
import { lazyPort } from './lazy-import.ts'

const KEY_NAMES = {
  decisions: 'DECISIONS_KEY_ARN',
  attestations: 'ATTESTATIONS_KEY_ARN',
  outcomes: 'OUTCOMES_KEY_ARN',
  enrollments: 'ENROLLMENTS_KEY_ARN',
  audit: 'AUDIT_KEY_ARN',
} as const satisfies { readonly [use in KeyUse]: string }

export function cloudKeys(env: NodeJS.ProcessEnv): Keys {
  const names = environment(env, [
    'DECISIONS_KEY_ARN',
    'ATTESTATIONS_KEY_ARN',
    'OUTCOMES_KEY_ARN',
    'ENROLLMENTS_KEY_ARN',
  ])
  const keys = {
    decisions: names.DECISIONS_KEY_ARN,
    attestations: names.ATTESTATIONS_KEY_ARN,
    outcomes: names.OUTCOMES_KEY_ARN,
    enrollments: names.ENROLLMENTS_KEY_ARN,
    // Only where a version wrote that had this key.
    audit: env['AUDIT_KEY_ARN'] ?? '',
  }
  return lazyPort<Keys>(
    async () => {
      const [{ kmsClient }, { kmsKeys }] = await Promise.all([
        import('../aws/signing/kms-client.ts'),
        import('../aws/signing/kms-keys.ts'),
      ])
      return kmsKeys(kmsClient(), keys)
    },
    { ring: true },
  )
}

export function cloudSigner(env: NodeJS.ProcessEnv, use: KeyUse): Signer {
  const name = KEY_NAMES[use]
  const keyArns = environment(env, [name])[name]
  return lazyPort<Signer>(
    async () => {
      const [{ kmsClient }, { kmsSigner }] = await Promise.all([
        import('../aws/signing/kms-client.ts'),
        import('../aws/signing/kms-signer.ts'),
      ])
      return kmsSigner(kmsClient(), use, keyArns)
    },
    { sign: true },
  )
}
