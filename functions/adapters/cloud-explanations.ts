/** AWS's own evaluation of a denial. What EC2 encodes was decoded when it came in, and is kept with the denial. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Explanations } from '../core/examine.ts'
import type { AccountAccess } from './account-access.ts'
import { authorizationDetails } from './authorization-details.ts'

/** The work has waited a minute already, in which AWS records the details of most denials. */
const LONGEST_WAIT_MS = 2_000

export function cloudExplanations(access: (accountId: string) => AccountAccess): Explanations {
  // As the SDK names such a variable: for an endpoint within a network, and for tests.
  const endpoint = process.env['AWS_ENDPOINT_URL_IAM_TOOLBOX']
  return {
    authorizationDetails: authorizationDetails(access, {
      sleep: ms => delay(Math.min(ms, LONGEST_WAIT_MS)),
      ...(endpoint === undefined ? {} : { endpoint: () => endpoint }),
    }),
  }
}
