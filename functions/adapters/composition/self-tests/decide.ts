import type { BotConfig } from '../../../domain/config/index.ts'
import type { AccountUnits } from '../../../ports/access-reader.ts'
import type { Chat } from '../../../ports/chat.ts'
import type { ProposalStore } from '../../../ports/proposal-store.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import { approverGroups } from '../../../workflows/approval/approver-directory.ts'
import { kmsClient } from '../../aws/signing/kms-client.ts'
import { maySign } from '../../aws/signing/may-sign.ts'
import { verifyOwnAddress } from '../../slack/endpoint/verify-own-address.ts'
import { environment } from '../environment.ts'
import { cloudKeys } from '../signing.ts'
import { cloudLedger } from '../writing.ts'
import { bucketTrials } from './bucket.ts'
import { asKnown, chatTrial, ownTable, publicKeyTrial, secretTrial, sends, unitTrials } from './trials.ts'

type Parts = {
  readonly config: BotConfig
  readonly store: ProposalStore
  readonly chat: Chat
  readonly units: AccountUnits
  /** The value that Slack signs with now. */
  readonly signingSecret: () => Promise<string>
}

/** `address`: where the last request came in. `by`: who asks. */
export function decideTrials(
  env: NodeJS.ProcessEnv,
  { config, store, chat, units, signingSecret }: Parts,
  { address, by }: { readonly address: string; readonly by: string },
): readonly Trial[] {
  const { DECISIONS_KEY_ARN: key } = environment(env, ['DECISIONS_KEY_ARN'])
  return [
    ...ownTable('decide', env),
    ['kms:Sign of a decision, as a dry run', () => maySign(kmsClient(), key)],
    publicKeyTrial(cloudKeys(env)),
    ...unitTrials(config, units, Object.keys(config.accounts)),
    ...sends(env, 'VERIFY_QUEUE_URL'),
    ...bucketTrials(env, store, cloudLedger(env), { written: ['rejected', 'members'], read: ['members'] }),
    secretTrial(env, 'SLACK_BOT_TOKEN_SECRET'),
    secretTrial(env, 'SLACK_SIGNING_SECRET'),
    chatTrial(chat),
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
}
