import { Stack } from 'aws-cdk-lib'
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import type { FunctionName } from '../../bundle.ts'
import { AUDIT_KEY_ALIAS, DECISIONS_KEY_ALIAS, nameOf, withPath } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { RETAIN } from './removal-policy.ts'

/** ARNs of the two keys: `decisions` signs decisions of people, `audit` signs what `apply` did. */
export type SigningKeys = { readonly decisions: string; readonly audit: string }

/** Retained if the stack is deleted, because their signatures must be verifiable as long as the audit log exists. */
export function signingKeys(scope: Construct, settings: Pick<DeploySettings, 'rolePath'>): SigningKeys {
  const by = (name: FunctionName) => withPath(settings, nameOf(name))
  return {
    decisions: signingKey(scope, 'DecisionsKey', DECISIONS_KEY_ALIAS, by('decide'), 'rolemedic: signs decisions'),
    audit: signingKey(scope, 'AuditKey', AUDIT_KEY_ALIAS, by('apply'), 'rolemedic: signs audit records of apply'),
  }
}

function signingKey(scope: Construct, id: string, alias: string, signer: string, description: string): string {
  const stack = Stack.of(scope)
  const key = new Key(scope, id, {
    alias,
    description,
    keySpec: KeySpec.ECC_NIST_P256,
    keyUsage: KeyUsage.SIGN_VERIFY,
    removalPolicy: RETAIN,
  })
  key.addToResourcePolicy(
    new PolicyStatement({
      // Applies also to administrators of the account, to whom the key's policy otherwise delegates.
      sid: 'OneFunctionSigns',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['kms:CreateGrant', 'kms:Sign'],
      // In a key policy, `*` is the key itself.
      resources: ['*'],
      conditions: {
        ArnNotEquals: { 'aws:PrincipalArn': `arn:${stack.partition}:iam::${stack.account}:role/${signer}` },
      },
    }),
  )
  return stack.exportValue(key.keyArn)
}
