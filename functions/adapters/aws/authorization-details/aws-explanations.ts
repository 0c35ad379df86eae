/** AWS's own evaluation of a denial, read with the same credentials as IAM. Each failure becomes an unknown with its reason. */

import { DecodeAuthorizationMessageCommand, STSClient } from '@aws-sdk/client-sts'
import { type Fact, known, unknown } from '../../../../core/base/index.ts'
import { type DecodedEvaluation, evaluationInDecoded } from '../../../../core/denial/index.ts'
import type { AwsExplanations } from '../../../ports/aws-explanations.ts'
import { DEFAULT_TIMEOUTS } from '../clients/client-timeouts.ts'
import type { AccountAccess } from '../iam/account-access.ts'
import { type AuthorizationDetailsOptions, authorizationDetails } from './authorization-details.ts'

export type AwsExplanationsOptions = {
  readonly access: (accountId: string) => AccountAccess
  readonly details?: AuthorizationDetailsOptions
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html */
const MAX_BLOB_CHARS = 10_240

export function awsExplanations({ access, details }: AwsExplanationsOptions): AwsExplanations {
  return {
    async decode(accountId, blob) {
      if (blob.length > MAX_BLOB_CHARS) return unknown('the encoded message is longer than AWS decodes')
      const { region, credentials } = access(accountId).iam.config
      return decode(new STSClient({ region, credentials, ...DEFAULT_TIMEOUTS }), blob)
    },

    authorizationDetails: authorizationDetails(access, details),
  }
}

async function decode(sts: STSClient, blob: string): Promise<Fact<DecodedEvaluation>> {
  try {
    const { DecodedMessage } = await sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: blob }))
    const evaluation = evaluationInDecoded(DecodedMessage ?? '')
    return evaluation.ok ? known(evaluation.value) : unknown(evaluation.error)
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown error'
    return unknown(
      name === 'InvalidAuthorizationMessageException'
        ? 'the encoded message is damaged or cut off'
        : `the encoded message could not be decoded (${name}): it needs sts:DecodeAuthorizationMessage in the account`,
    )
  }
}
