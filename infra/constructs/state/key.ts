import { Stack } from 'aws-cdk-lib'
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { type IKey, Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { PREFIX } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { RETAIN } from './removal-policy.ts'

/** Encrypts the audit log and the alerts. Retained if the stack is deleted, because the audit log cannot be read without it. */
export function encryptionKey(scope: Construct, { existing }: DeploySettings): IKey {
  if (existing.keyArn !== undefined) return Key.fromKeyArn(scope, 'Key', existing.keyArn)
  const key = new Key(scope, 'Key', {
    alias: PREFIX,
    enableKeyRotation: true,
    description: 'rolemedic: audit log, alerts',
    removalPolicy: RETAIN,
  })
  const { account } = Stack.of(scope)
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsPublishToTheTopic',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      // In a key policy, `*` is the key itself.
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
  )
  return key
}
