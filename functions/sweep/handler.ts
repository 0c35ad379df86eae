import { powertools } from '../adapters/aws/observability/powertools.ts'
import { CHAT_LIMITS, SIDE_RENDERER } from '../adapters/composition/chat/chat.ts'
import { cloud, cloudNotifier } from '../adapters/composition/cloud.ts'
import { environment } from '../adapters/composition/environment.ts'
import { cloudKeys } from '../adapters/composition/signing.ts'
import { postCard } from '../workflows/card/post-card.ts'
import { reportSelfTest } from '../workflows/report-self-test.ts'
import { makeWatchConfig } from '../workflows/watch-config.ts'
import { checkChat } from './check-chat.ts'
import { checkMembers, isTimeToCheck } from './check-members.ts'
import { sendNotices } from './send-notices.ts'
import { makeSweep, type Swept } from './sweep.ts'

const names = environment(process.env, [
  'VERIFY_QUEUE_URL',
  'PROPOSE_QUEUE_URL',
  'BOT_ACCOUNT_ID',
  'MEMBERS_IN',
  'MEMBER_REGIONS',
])
const listed = (text: string) => text.split(',').filter(one => one !== '')
const observer = powertools('sweep')
const parts = await cloud(process.env, observer, CHAT_LIMITS.sweep)
const deps = { ...parts, keys: cloudKeys(process.env), renderer: { ...parts.renderer, ...SIDE_RENDERER } }
const sweep = makeSweep({ ...deps, postCard: proposal => postCard(proposal, deps) })
const notifier = cloudNotifier(process.env)
const watchConfig = makeWatchConfig(parts)
const members = {
  ownAccountId: names.BOT_ACCOUNT_ID,
  inOrganization: names.MEMBERS_IN === 'organization',
  regions: listed(names.MEMBER_REGIONS),
  retired: listed(process.env['RETIRED_MEMBERS'] ?? ''),
}

/** Runs once a minute from a schedule. A slow chat delays none of the tasks, and a sweep that fails keeps none of the others from its end. */
export const handler = (): Promise<Swept> =>
  observer.traced(async () => {
    const checksMembers = isTimeToCheck(parts.clock())
    const besides = Promise.all([
      checksMembers ? checkMembersOrCount() : null,
      sendNoticesOrCount(),
      checkChat(parts),
      reportSelfTestOrCount(),
      watchConfigOrCount(),
    ])
    try {
      return await sweep()
    } finally {
      await besides
    }
  })

async function checkMembersOrCount(): Promise<void> {
  try {
    await checkMembers({ ...parts, notifier, members })
  } catch (error) {
    observer.count('SweepFailures')
    observer.log('error', 'members_unchecked', { error: String(error) })
  }
}

async function sendNoticesOrCount(): Promise<void> {
  try {
    await sendNotices({ ...deps, notifier })
  } catch (error) {
    observer.count('SweepFailures')
    observer.log('error', 'notices_not_sent', { error: String(error) })
  }
}

async function reportSelfTestOrCount(): Promise<void> {
  const trials = async () => {
    const { sweepTrials } = await import('../adapters/composition/self-tests/sweep.ts')
    return sweepTrials(process.env, parts)
  }
  try {
    await reportSelfTest({ ...parts, trials })
  } catch (error) {
    observer.count('SweepFailures')
    observer.log('error', 'self_test_not_reported', { error: String(error) })
  }
}

async function watchConfigOrCount(): Promise<void> {
  try {
    await watchConfig()
  } catch (error) {
    observer.count('SweepFailures')
    observer.log('error', 'config_not_watched', { error: String(error) })
  }
}
