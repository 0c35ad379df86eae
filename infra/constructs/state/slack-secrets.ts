import { CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { BOT_TOKEN_SECRET, SIGNING_SECRET } from '../../names.ts'
import { acknowledge } from '../observability/acknowledge.ts'
import { RETAIN } from './removal-policy.ts'

export type SlackSecrets = { readonly botToken: ISecret; readonly signingSecret: ISecret }

/** Created empty: the values come from Slack and are in no template. Until they are stored, the functions report what is missing. */
export function slackSecrets(scope: Construct): SlackSecrets {
  return {
    botToken: emptySecret(scope, 'BotToken', BOT_TOKEN_SECRET, 'Bot token of the Slack app (xoxb-…)'),
    signingSecret: emptySecret(scope, 'SigningSecret', SIGNING_SECRET, 'Signing secret of the Slack app'),
  }
}

export function emptySecret(
  scope: Construct,
  id: string,
  name: string,
  description: string,
  rotation = 'Only Slack can issue a new value; the runbook says how to rotate it.',
): ISecret {
  const secret = new CfnSecret(scope, id, { name, description: `rolemedic: ${description}` })
  secret.applyRemovalPolicy(RETAIN)
  acknowledge(secret, 'AwsSolutions-SMG4', rotation)
  return Secret.fromSecretCompleteArn(scope, `${id}Arn`, secret.ref)
}
