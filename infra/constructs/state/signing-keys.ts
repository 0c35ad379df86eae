import { Stack } from 'aws-cdk-lib'
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import type { KeyUse } from '../../../functions/domain/authority/index.ts'
import { keyAlias, nameOf, RETIRED_AT, SIGNERS, withPath } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { RETAIN } from './removal-policy.ts'

export type SigningKey = {
  /** The ARN of the key that signs now. */
  readonly signs: string
  /** The ARNs of all keys of this use: what earlier ones signed is still verified. */
  readonly all: readonly string[]
  /** As functions read it: the key that signs now, then the others, each as `<arn>@<when it was retired>`. */
  readonly listed: string
}
export type SigningKeys = { readonly [use in KeyUse]: SigningKey }

const DESCRIPTIONS: { readonly [use in KeyUse]: string } = {
  decisions: 'signs decisions',
  attestations: 'signs attestations and audit records of verify',
  outcomes: 'signs what write has written',
  enrollments: 'signs whose passkey is whose',
  audit: 'signed audit records before verify and write were two functions',
}

/** Kept when the stack goes: what they signed is verified for as long as the audit log is kept. */
export function signingKeys(
  scope: Construct,
  settings: Pick<DeploySettings, 'rolePath' | 'keyRotations'>,
): SigningKeys {
  const { decisions, attestations, outcomes, enrollments } = settings.keyRotations
  const rotations: { readonly [use in KeyUse]: readonly string[] } = {
    decisions,
    attestations,
    outcomes,
    enrollments,
    audit: [],
  }
  const keysOf = (use: KeyUse): SigningKey => {
    // Each rotation makes one more key, and leaves those before under their ids.
    const retired = rotations[use].map((retiredAt, index) => ({
      arn: signingKey(scope, use, index + 1, settings, retiredAt),
      retiredAt,
    }))
    const signs = signingKey(scope, use, retired.length + 1, settings)
    return {
      signs,
      all: [signs, ...retired.map(({ arn }) => arn)],
      listed: [signs, ...retired.map(({ arn, retiredAt }) => `${arn}@${retiredAt}`)].join(','),
    }
  }
  return {
    decisions: keysOf('decisions'),
    attestations: keysOf('attestations'),
    outcomes: keysOf('outcomes'),
    enrollments: keysOf('enrollments'),
    audit: keysOf('audit'),
  }
}

/** In the template. */
export const keyId = (use: KeyUse, generation: number): string =>
  `${use.charAt(0).toUpperCase()}${use.slice(1)}Key${generation === 1 ? '' : generation}`

export const describedKey = (use: KeyUse, retiredAt?: string): string =>
  `rolemedic: ${DESCRIPTIONS[use]}${retiredAt === undefined ? '' : `; ${RETIRED_AT}${retiredAt}`}`

function signingKey(
  scope: Construct,
  use: KeyUse,
  generation: number,
  settings: Pick<DeploySettings, 'rolePath'>,
  retiredAt?: string,
): string {
  const stack = Stack.of(scope)
  const key = new Key(scope, keyId(use, generation), {
    alias: keyAlias(use, generation),
    description: describedKey(use, retiredAt),
    keySpec: KeySpec.ECC_NIST_P256,
    keyUsage: KeyUsage.SIGN_VERIFY,
    removalPolicy: RETAIN,
  })
  const signer = SIGNERS[use]
  key.addToResourcePolicy(
    new PolicyStatement({
      // Also against administrators of the account, whom the key's own policy otherwise lets decide.
      sid: signer === null ? 'NobodySigns' : 'OneFunctionSigns',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['kms:CreateGrant', 'kms:Sign'],
      // In a key policy, `*` is the key itself.
      resources: ['*'],
      ...(signer === null
        ? {}
        : {
            conditions: {
              ArnNotEquals: {
                'aws:PrincipalArn': `arn:${stack.partition}:iam::${stack.account}:role/${withPath(settings, nameOf(signer))}`,
              },
            },
          }),
    }),
  )
  return stack.exportValue(key.keyArn)
}
