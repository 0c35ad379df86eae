/** AWS's own evaluation of a denial, read with the credentials that read its account. */
import { setTimeout as delay } from 'node:timers/promises'
import type { AwsExplanations } from '../../ports/aws-explanations.ts'
import { awsExplanations } from '../aws/authorization-details/aws-explanations.ts'
import type { AccountAccess } from '../aws/iam/account-access.ts'

/** The work has waited a minute already, in which AWS records the details of most denials. */
const LONGEST_WAIT_MS = 2_000

export function cloudExplanations(access: (accountId: string) => AccountAccess): AwsExplanations {
  // As the SDK names such a variable: for an endpoint within a network, and for tests.
  const endpoint = process.env['AWS_ENDPOINT_URL_IAM_TOOLBOX']
  return awsExplanations({
    access,
    details: {
      sleep: ms => delay(Math.min(ms, LONGEST_WAIT_MS)),
      ...(endpoint === undefined ? {} : { endpoint: () => endpoint }),
    },
  })
}
