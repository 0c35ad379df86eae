/** How often people must approve until a generated deploy succeeds: through the whole bot, with and without its template. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entityName } from '../../core/iam/arn.ts'
import type { Statement } from '../../core/iam/policy/policy-document.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { type Bot, startBot } from '../../simulator/bot.ts'
import { readEvents } from '../../simulator/sample-records.ts'
import { APPROVERS, buttonRequest } from '../running-bot.ts'
import {
  ACCOUNT,
  DEPLOYER,
  failureEvent,
  type GeneratedDeploy,
  type PassedRole,
  recordedDenial,
  STACK_NAME,
  stackAnswers,
} from './generated-deploy.ts'

export type Rounds = {
  readonly gaps: number
  /** The number of approvals until nothing is denied. */
  readonly approvals: number
  /** Null: the deploy succeeded. Otherwise why it stopped. */
  readonly stopped: string | null
}

const CONFIG = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: APPROVERS.map(({ id }) => id) },
  maxChangesPerPrincipalPerDay: 100,
})

/** Repeats the deploy until it succeeds. An attempt fails at the first role that it may not pass; then somebody approves the open card. */
export async function roundsToGreen(deploy: GeneratedDeploy, withTemplate: boolean): Promise<Rounds> {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-rounds-'))
  const events = join(folder, 'events')
  for (const name of ['stack-events', 'templates', 'cloudtrail']) mkdirSync(join(events, name), { recursive: true })
  writeFileSync(join(folder, 'account.json'), withTemplate ? deploy.account : deploy.accountWithMade)
  if (withTemplate) writeFileSync(join(events, 'templates', `${STACK_NAME}.json`), deploy.template)
  const bot = await startBot({
    state: join(folder, 'state'),
    accounts: [join(folder, 'account.json')],
    org: null,
    config: CONFIG,
    observer: { log: () => {}, count() {} },
    pace: 0,
    sweepEveryMs: null,
  })
  try {
    const gaps = (await deniedOf(deploy.passed, bot, withTemplate)).length
    let approvals = 0
    for (;;) {
      const [denied] = await deniedOf(deploy.passed, bot, withTemplate)
      if (denied === undefined) return { gaps, approvals, stopped: null }
      if (approvals > deploy.passed.length) return { gaps, approvals, stopped: `${denied.arn} is still denied` }
      approvals += 1
      const why = await tryAndApprove(denied, approvals, events, bot)
      if (why !== null) return { gaps, approvals, stopped: why }
    }
  } finally {
    await bot.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Null: somebody approved. Otherwise why nobody could. */
async function tryAndApprove(denied: PassedRole, attempt: number, events: string, bot: Bot): Promise<string | null> {
  const at = (await isPassable(denied, bot)) ? 'trust' : 'pass'
  const file = join(events, `try-${attempt}.json`)
  writeFileSync(join(events, 'stack-events', `${STACK_NAME}.json`), JSON.stringify(stackAnswers(denied, attempt, at)))
  writeFileSync(join(events, 'cloudtrail', `${STACK_NAME}.json`), JSON.stringify(recordedDenial(denied, attempt, at)))
  writeFileSync(file, JSON.stringify(failureEvent(attempt)))
  for (const event of readEvents(file, Date.now()))
    if ('reader' in event) await bot.feedDeploy(event.event, event.reader, event.recorded)
  await bot.idle()
  const open = (await bot.store.open(100)).filter(({ status }) => status === 'open')
  const [proposal] = open
  if (proposal === undefined) return `no card came for ${denied.arn}`
  // One round, even if two people must approve.
  for (const approver of APPROVERS.slice(0, 2)) {
    if ((await bot.store.get(proposal.id))?.status !== 'open') break
    await buttonRequest(bot, 'approve', approver, proposal)()
    await bot.idle()
  }
  const after = await bot.store.get(proposal.id)
  return after?.status === 'applied' ? null : `the card of ${denied.arn} is ${after?.status}`
}

/** The roles of the generator that no statement of the deploying role allows it to pass. No policy here denies. */
async function deniedOf(passed: readonly PassedRole[], bot: Bot, withTrust: boolean): Promise<readonly PassedRole[]> {
  const denied: PassedRole[] = []
  for (const one of passed) {
    const isPassed = await isPassable(one, bot)
    if (!isPassed || (withTrust && one.lacksTrust && !(await isTrusting(one, bot)))) denied.push(one)
  }
  return denied
}

async function isPassable({ arn, kind }: PassedRole, bot: Bot): Promise<boolean> {
  const read = await bot.accounts.reader.role({ accountId: ACCOUNT, name: DEPLOYER })
  if (read.kind !== 'found') throw new Error('the deploying role is gone')
  const statements = read.value.policies.flatMap(({ document }) => document.Statement)
  return statements.some(statement => isGrant(statement, arn, kind.service))
}

/** Exactly this service, by the trust policy of the role as it is now. */
async function isTrusting({ arn, kind }: PassedRole, bot: Bot): Promise<boolean> {
  const read = await bot.accounts.reader.role({ accountId: ACCOUNT, name: entityName(arn) })
  if (read.kind !== 'found' || !read.value.trust.known) return false
  return read.value.trust.value.Statement.some(
    ({ Effect, Principal }) =>
      Effect === 'Allow' && typeof Principal === 'object' && all(Principal['Service']).includes(kind.service),
  )
}

/** True for exactly this role and this service: a wider grant would be an error. */
function isGrant({ Effect, Action, Resource, Condition }: Statement, arn: string, service: string): boolean {
  const services = all(Condition?.['StringEquals']?.['iam:PassedToService'])
  return (
    Effect === 'Allow' &&
    all(Action).includes('iam:PassRole') &&
    all(Resource).includes(arn) &&
    services.includes(service)
  )
}

const all = (values: unknown): readonly unknown[] => (Array.isArray(values) ? values : [values])
