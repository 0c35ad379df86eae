/** Where people's presses come in, for `decide`. Another chat is heard here. */

import type { secretsManager } from '../../aws/messaging/secrets.ts'
import { slackEndpoint } from '../../slack/endpoint/endpoint.ts'
import { isSigningSecret, slackVerifier } from '../../slack/endpoint/verify-request.ts'
import { environment } from '../environment.ts'

export const CHAT_SIGNING = 'SLACK_SIGNING_SECRET'
const NAMES = [CHAT_SIGNING, 'SLACK_APP_ID'] as const

type EndpointOptions = Omit<Parameters<typeof slackEndpoint>[0], 'verifier'> & {
  readonly secrets: Pick<ReturnType<typeof secretsManager>, 'valid'>
  /** Begins with the request, and delays nothing. */
  readonly warmUp: () => unknown
}

export const appIdIn = (env: NodeJS.ProcessEnv): string => environment(env, NAMES).SLACK_APP_ID

export function chatEndpoint(env: NodeJS.ProcessEnv, { secrets, warmUp, ...options }: EndpointOptions) {
  const name = environment(env, NAMES)[CHAT_SIGNING]
  return slackEndpoint({
    ...options,
    verifier: async reading => {
      void warmUp()
      const [now = '', ...before] = await secrets.valid(name, reading)
      // An earlier value that is no signing secret, such as a placeholder, is left out.
      return slackVerifier({ secrets: [now, ...before.filter(isSigningSecret)], clock: options.clock })
    },
  })
}
