import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { type IKey, Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { ALERTS, PREFIX } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { RETAIN } from './removal-policy.ts'

/** Encrypts the audit log. Retained if the stack is deleted, because the audit log cannot be read without it. */
export function encryptionKey(scope: Construct, { existing }: DeploySettings): IKey {
  if (existing.keyArn !== undefined) return Key.fromKeyArn(scope, 'Key', existing.keyArn)
  return new Key(scope, 'Key', {
    alias: PREFIX,
    enableKeyRotation: true,
    description: 'rolemedic: audit log',
    removalPolicy: RETAIN,
  })
}

/** Encrypts the alerts. Its own, so that a key that fails does not silence the alarm about it. */
export function alertsKey(scope: Construct): IKey {
  const key = new Key(scope, 'AlertsKey', {
    alias: ALERTS,
    enableKeyRotation: true,
    description: 'rolemedic: alerts',
    removalPolicy: RemovalPolicy.DESTROY,
  })
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsPublishToTheTopic',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      // In a key policy, `*` is the key itself.
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  )
  return key
}
