/** Whether the chat takes what a function sends, and whether `decide` takes what the chat sends. Another chat is tried here. */
import { RolemedicError } from '../../../../core/base/index.ts'
import type { Config } from '../../../domain/config/index.ts'
import type { Chat } from '../../../ports/chat.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import { approverGroups } from '../../../workflows/approval/approver-directory.ts'
import { SCOPES } from '../../slack/chat/scopes.ts'
import { verifyOwnAddress } from '../../slack/endpoint/verify-own-address.ts'
import { asKnown, secretTrial } from '../self-tests/trials.ts'
import { CHAT_TOKEN } from './chat.ts'
import { CHAT_SIGNING } from './endpoint.ts'

type Env = NodeJS.ProcessEnv

export const chatTrials = (env: Env, chat: Chat): readonly Trial[] => [secretTrial(env, CHAT_TOKEN), accessTrial(chat)]

const accessTrial = (chat: Chat): Trial => [
  'Slack takes the token, with each scope of the manifest',
  async () => {
    const granted = await chat.checkAccess()
    const missing = granted === null ? [] : SCOPES.filter(scope => !granted.includes(scope))
    if (missing.length > 0) throw new RolemedicError('missing_scope', missing.join(', '))
  },
]

export type Hearing = {
  readonly config: Config
  readonly chat: Chat
  /** The value that the chat signs with now. */
  readonly signingSecret: () => Promise<string>
}

/** `address`: where the last request came in. `by`: who asks. */
export const hearingTrials = (
  env: Env,
  { config, chat, signingSecret }: Hearing,
  { address, by }: { readonly address: string; readonly by: string },
): readonly Trial[] => [
  secretTrial(env, CHAT_TOKEN),
  secretTrial(env, CHAT_SIGNING),
  accessTrial(chat),
  ['Slack’s users.info', async () => asKnown(await chat.membership(by))],
  ...approverGroups(config).map(
    (group): Trial => [
      `Slack’s usergroups.users.list of ${group}`,
      async () => asKnown(await chat.groupMembers(group)),
    ],
  ),
  [
    'its own address takes what Slack signs',
    async () => verifyOwnAddress({ url: address, secret: await signingSecret(), nowMs: Date.now() }),
  ],
]
