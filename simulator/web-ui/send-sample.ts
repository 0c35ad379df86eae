/** Sends a sample, or says why nothing comes of it: the accounts of this machine change with each approval, but the files of a sample do not. */
import { neutralText } from '../../core/base/index.ts'
import { callerName, parseRecord, roleName } from '../../core/denial/index.ts'
import { type Alerted, investigateDeploy, judgeReported } from '../../functions/alert/index.ts'
import type { BotConfig } from '../../functions/domain/config/index.ts'
import { deployName, missingPermissions, parseDeployEvent } from '../../functions/domain/deploy/index.ts'
import { SILENT_OBSERVER } from '../../functions/ports/index.ts'
import { judgeTrustFaults } from '../../functions/workflows/index.ts'
import type { Bot } from '../bot.ts'
import type { InputDeploy } from '../deploy-event-files.ts'

type Local = { readonly bot: Bot; readonly config: BotConfig }

/** Sends it, unless the sample accounts allow by now what broke it. Null: the channel shows what came of it. */
export async function sendDeploy(fed: InputDeploy, local: Local): Promise<string | null> {
  if (await isAllowedByNow(fed, local))
    return `Nothing was sent: what broke ${nameOf(fed)} is allowed by now, so it would not fail for it again.`
  const outcome = await local.bot.feedDeploy(fed.event, fed.reader, fed.recorded)
  return outcome === null || outcome.kind === 'explained' ? null : silence(fed, outcome)
}

/** Sends it, unless the sample accounts allow the call by now. Null: the channel shows what came of it. */
export async function sendDenial(record: unknown, bot: Bot): Promise<string | null> {
  const parsed = parseRecord(record)
  if (parsed.kind === 'denial' && (await bot.analyze(parsed.denial)).diagnosis.cause === 'already-allowed') {
    const { denial } = parsed
    return `Nothing was sent: ${callerName(denial)} is allowed ${denial.action} on ${roleName(denial)} by now, so it would not be denied again.`
  }
  await bot.feed(record)
  return null
}

async function isAllowedByNow({ event, reader }: InputDeploy, { bot, config }: Local): Promise<boolean> {
  const parsed = parseDeployEvent(event)
  if (parsed.kind === 'not-ours') return false
  const judge: Parameters<typeof judgeReported>[2]['judge'] = (question, nowMs) =>
    judgeTrustFaults(question, { reader: bot.accounts.reader, config, nowMs })
  const deps = { reader, config, judge, observer: SILENT_OBSERVER }
  const read = await investigateDeploy(parsed.deploy, deps)
  if (missingPermissions(read.reasons).length > 0) return false
  const { faults, denials } = await judgeReported(read, bot.clock(), deps)
  if (denials.length > 0 || faults.some(({ answer }) => answer !== 'retry')) return false
  // A service's own denial is judged with its role, as a fault.
  const denied = read.reported.filter(({ denial }) => denial.principal.kind !== 'service')
  for (const { denial } of denied) if ((await bot.analyze(denial)).diagnosis.cause !== 'already-allowed') return false
  return denied.length + faults.length > 0
}

function nameOf({ event }: InputDeploy): string {
  const parsed = parseDeployEvent(event)
  return parsed.kind === 'failed' ? deployName(parsed.deploy) : 'it'
}

function silence(fed: InputDeploy, outcome: Exclude<Alerted, { kind: 'explained' }>): string {
  if (outcome.kind === 'not-ours') return `No alert: ${outcome.why}.`
  const parsed = parseDeployEvent(fed.event)
  const [reason] = parsed.kind === 'failed' ? parsed.deploy.reasons : []
  const words = reason === undefined ? '' : ` Its own words: ${neutralText(reason.text, 300)}`
  return `No alert about ${nameOf(fed)}: no permission that is known broke it.${words}`
}
