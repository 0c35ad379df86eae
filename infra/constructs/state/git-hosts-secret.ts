import { Stack } from 'aws-cdk-lib'
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { CfnResourcePolicy, type ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { GIT_HOSTS_SECRET, nameOf, withPath } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { emptySecret } from './empty-secret.ts'

/** The keys and tokens of all Git hosts, in one secret. Empty if no repository is configured. */
export function gitHostsSecret(scope: Construct, settings: Pick<DeploySettings, 'rolePath'>): ISecret {
  const secret = emptySecret(
    scope,
    { id: 'GitHosts', name: GIT_HOSTS_SECRET, description: 'Keys and tokens of Git hosts, as JSON' },
    'Only the Git host can issue a new value; docs/pull-requests.md says how to rotate it.',
  )
  const { partition, account } = Stack.of(scope)
  const publish = `arn:${partition}:iam::${account}:role/${withPath(settings, nameOf('publish'))}`
  const onlyPublish = new PolicyStatement({
    // Applies also to other roles of the account that may read every secret. A new value can still be stored.
    sid: 'OneFunctionReads',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['secretsmanager:GetSecretValue', 'secretsmanager:BatchGetSecretValue'],
    // In the policy of a secret, `*` is the secret itself.
    resources: ['*'],
    conditions: { ArnNotEquals: { 'aws:PrincipalArn': publish } },
  })
  new CfnResourcePolicy(scope, 'GitHostsPolicy', {
    secretId: secret.secretArn,
    resourcePolicy: { Version: '2012-10-17', Statement: [onlyPublish.toStatementJson()] },
    blockPublicPolicy: true,
  })
  return secret
}
