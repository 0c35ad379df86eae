import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { CHAT_SECRETS, SECRETS_ROTATION } from '../../chat.ts'
import { emptySecret } from './empty-secret.ts'

/** Created empty: the values come from the chat and are in no template. Until they are stored, the functions report what is missing. */
export function chatSecrets(scope: Construct): { readonly [use in keyof typeof CHAT_SECRETS]: ISecret } {
  const { talks, hears } = CHAT_SECRETS
  return { talks: emptySecret(scope, talks, SECRETS_ROTATION), hears: emptySecret(scope, hears, SECRETS_ROTATION) }
}
