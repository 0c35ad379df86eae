/** A storm through the whole bot as a process of its own: so many events, a tenth of them distinct. Exits with 1 where one is lost. */

import { runningBot } from './running-bot.ts'
import { deliver, stormOf } from './storm.ts'

const count = Number(process.argv[2])
const { bot, stop } = await runningBot(count / 10)
try {
  const { events, fingerprints } = stormOf(count, count / 10)
  await deliver(events, bot)
  await bot.idle()
  const seen = await Promise.all(fingerprints.map(one => bot.store.occurrence(one)))
  const counted = seen.reduce((sum, one) => sum + (one?.count ?? 0), 0)
  if (counted !== count || seen.some(one => one?.proposalId == null)) process.exitCode = 1
} finally {
  await stop()
}
