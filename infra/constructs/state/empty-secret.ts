import { CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { acknowledge } from '../observability/acknowledge.ts'
import { RETAIN } from './removal-policy.ts'

type EmptySecret = { readonly id: string; readonly name: string; readonly description: string }

/** `rotation`: why it is not rotated here. */
export function emptySecret(scope: Construct, { id, name, description }: EmptySecret, rotation: string): ISecret {
  const secret = new CfnSecret(scope, id, { name, description: `rolemedic: ${description}` })
  secret.applyRemovalPolicy(RETAIN)
  acknowledge(secret, 'AwsSolutions-SMG4', rotation)
  return Secret.fromSecretCompleteArn(scope, `${id}Arn`, secret.ref)
}
