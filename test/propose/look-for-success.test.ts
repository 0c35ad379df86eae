import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../core/denial/fingerprint.ts'
import { parseRecord } from '../../core/denial/parse-denial.ts'
import { snapshotReader } from '../../functions/adapters/files/account-snapshot.ts'
import type { EventHistory } from '../../functions/ports/event-history.ts'
import { MAX_LOOKUPS, makeLookForSuccess } from '../../functions/propose/look-for-success.ts'
import { makePropose, type ProposeDeps } from '../../functions/propose/propose.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { analyzeBundle } from '../../functions/workflows/deploy/analyze-bundle.ts'
import { localHistory } from '../../simulator/event-history.ts'
import { CONFIG, memoryBot } from '../fakes/memory-bot.ts'
import { inStatus, MINUTE, sampleProposal } from '../fakes/sample-proposal.ts'

class Killed extends Error {}
type Json = { readonly [key: string]: unknown }

const RECORD = JSON.parse(
  readFileSync(new URL('../../events/ecs-register-task-definition.json', import.meta.url), 'utf8'),
) as Json & { readonly userIdentity: Json }
const parsed = parseRecord(RECORD)
if (parsed.kind !== 'denial') throw new Error('the sample is no denial')
const DENIAL = parsed.denial
const DENIED_AT = Date.parse('2026-11-24T02:47:31Z')
const FP = fingerprintOf(DENIAL)
const POSTED = DENIED_AT + 90_000
const ANNA = { id: 'U0ONCALL1', name: 'anna' }
const SESSION = 'AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f'

const at = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')
/** The denied call, and AWS accepted it. */
function success(afterMs: number, changed: Json = {}): Json {
  const { errorCode: _, errorMessage: __, ...call } = RECORD
  return { ...call, eventID: `success-${afterMs}`, eventTime: at(DENIED_AT + afterMs), ...changed }
}
const byOther = (from: string, to: string): Json => ({
  userIdentity: JSON.parse(JSON.stringify(RECORD.userIdentity).replaceAll(from, to)) as Json,
})
const passing = (role: string): Json => ({
  requestParameters: { family: 'orders', taskRoleArn: `arn:aws:iam::111122223333:role/app/${role}` },
})
const WRITE: Json = {
  ...{ eventVersion: '1.11', eventID: 'write-1', eventTime: at(DENIED_AT + 3_000), awsRegion: 'us-east-1' },
  ...{ eventSource: 'iam.amazonaws.com', eventName: 'PutRolePolicy', recipientAccountId: '111122223333' },
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ada', accountId: '111122223333' },
  requestParameters: {
    roleName: 'pipeline-deploy',
    policyName: 'deploy',
    policyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }],
    }),
  },
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ALLOWS = {
  PolicyName: 'deploy',
  PolicyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }],
  },
}

/** The account as it is read now: with or without the permission. */
function readerOf(policies: 'allowing' | 'lacking') {
  const text = readFileSync(new URL('../../events/accounts/orders-dev.json', import.meta.url), 'utf8')
  const account = JSON.parse(text) as { RoleDetailList: { RoleName: string; RolePolicyList?: object[] }[] }
  const caller = account.RoleDetailList.find(({ RoleName }) => RoleName === 'pipeline-deploy')
  if (caller === undefined) throw new Error('the account has no caller')
  if (policies === 'allowing') caller.RolePolicyList = [...(caller.RolePolicyList ?? []), ALLOWS]
  return snapshotReader({ files: [{ name: 'account.json', text: JSON.stringify(account) }] })
}

/** `writes`: whether the history answers about IAM's writes. */
async function bench(
  records: readonly Json[],
  policies: 'allowing' | 'lacking' = 'allowing',
  writes: 'read' | 'refused' = 'read',
) {
  const bot = memoryBot()
  const reader = readerOf(policies)
  const local = localHistory(join(folder, 'history.jsonl'))
  local.add(records)
  const requests: string[] = []
  let calls = 0
  let dies = 0
  const mortal = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return async (...given: unknown[]) => {
          calls += 1
          if (calls === dies) throw new Killed()
          const answer: unknown = await method.apply(target, given)
          calls += 1
          if (calls === dies) throw new Killed()
          return answer
        }
      },
    })
  const history: Pick<EventHistory, 'search'> = {
    async search(place, by, window, limits) {
      requests.push(`${place.region} ${JSON.stringify(by)} ${limits?.maxRequests}`)
      if (writes === 'refused' && 'resourceName' in by) return { known: false, why: 'refused' }
      return local.search(place, by, window)
    },
  }
  await bot.store.recordOccurrence(DENIAL, FP, DENIED_AT)
  await bot.store.claimOccurrence(FP, null, 'p-1')
  await bot.store.create(
    sampleProposal({
      ...{ denial: DENIAL, fingerprint: FP, createdAtMs: POSTED, expiresAtMs: POSTED + 480 * MINUTE },
      ...{ repeats: { count: 1, firstSeenMs: DENIED_AT, lastSeenMs: DENIED_AT }, dueAtMs: POSTED + 2 * MINUTE },
      ...{ successLooks: 0, approvals: [{ by: ANNA, atMs: POSTED, limitHours: null, reason: null }] },
    }),
  )
  const deps: ProposeDeps = {
    ...bot,
    renderer: { ...bot.renderer, list: () => ({ text: 'list', blocks: [] }) },
    notifier: { publish: async () => {} },
    witness: async () => ({ kind: 'waiting' }),
    analyze: (denial, nowMs, beside = {}) => analyzeBundle(denial, beside, { reader, config: CONFIG, nowMs }),
  }
  bot.setNow(POSTED + 2 * MINUTE)
  const stored = () => bot.store.get('p-1')
  return {
    bot,
    local,
    requests,
    deps,
    ask: () => makeLookForSuccess({ ...deps, history })('p-1'),
    propose: () => makePropose(deps)(FP),
    sweep: () => makeSweep(bot)(),
    stored,
    /** Why the card has ended. */
    why: async () => inStatus(await stored(), 'stale').failure.message,
    /** False: it needed fewer calls. */
    async killedAt(call: number): Promise<boolean> {
      calls = 0
      dies = call
      const { store, chat, audit } = deps
      try {
        const mortals = { store: mortal(store), chat: mortal(chat), audit: mortal(audit) }
        await makeLookForSuccess({ ...deps, history, ...mortals })('p-1')
        return false
      } catch (error) {
        if (!(error instanceof Killed)) throw error
        return true
      } finally {
        dies = 0
      }
    },
  }
}

describe('an open card whose call succeeded later', () => {
  it('closes, says when, and its single approval counts nowhere', async () => {
    const { ask, why, bot, propose, sweep, stored } = await bench([success(8_000)])
    expect(await ask()).toBe('solved')
    expect(await why()).toBe('It worked at 2026-11-24 02:47:39 UTC, 8 s later; nothing to change.')
    expect(bot.audit.entries.map(({ kind }) => kind)).toEqual(['approved', 'stale'])
    // The work that follows an ended card makes no new one, and nobody is reminded.
    bot.setNow(POSTED + 60 * MINUTE)
    await sweep()
    expect(await propose()).toMatchObject({ kind: 'quiet' })
    expect(await stored()).toMatchObject({ status: 'stale', dueAtMs: null })
    expect(await ask()).toBe('ended')
  })

  it('does not call it nothing where the history does not answer about writes', async () => {
    const { ask, why } = await bench([success(8_000)], 'allowing', 'refused')
    expect(await ask()).toBe('solved')
    expect(await why()).toBe(
      'It worked at 2026-11-24 02:47:39 UTC, 8 s later; whether a change came between could not be read. Nothing more to change.',
    )
  })

  it('closes for another session of the same caller', async () => {
    const { ask } = await bench([success(30_000, byOther(SESSION, 'AWSCodeBuild-another'))])
    expect(await ask()).toBe('solved')
  })

  it('names the write between', async () => {
    const { ask, why } = await bench([success(8_000), WRITE])
    expect(await ask()).toBe('solved')
    expect(await why()).toBe(
      'It worked at 2026-11-24 02:47:39 UTC, 8 s later, after PutRolePolicy by arn:aws:iam::111122223333:user/ada; nothing more to change.',
    )
  })

  it('says that the evidence disagrees where the policies do not allow it', async () => {
    const { ask, why } = await bench([success(8_000)], 'lacking')
    expect(await ask()).toBe('solved')
    expect(await why()).toBe(
      'It worked at 2026-11-24 02:47:39 UTC, 8 s later, although the policies that were read do not allow it: repeat the call before anything is changed.',
    )
  })

  it('gets a new card when it is denied again after that', async () => {
    const { ask, bot, propose } = await bench([success(8_000)])
    await ask()
    await bot.store.recordOccurrence({ ...DENIAL, id: 'again', timeMs: POSTED + 3 * MINUTE }, FP, POSTED + 3 * MINUTE)
    bot.setNow(POSTED + 4 * MINUTE)
    expect(await propose()).not.toMatchObject({ kind: 'quiet' })
  })
})

describe('an open card stays', () => {
  it.each<readonly [string, readonly Json[]]>([
    ['without a later call', []],
    ['for a call before the denial', [success(-8_000)]],
    ['for a call that was refused too', [success(8_000, { errorCode: 'AccessDeniedException' })]],
    ['for the call of another role', [success(8_000, passing('invoices-task'))]],
    ['for the call of another caller', [success(8_000, byOther('pipeline-deploy', 'other-deploy'))]],
    ['for a call in another account', [success(8_000, { recipientAccountId: '444455556666' })]],
    [
      'for another service that gets the role',
      [
        success(8_000, {
          ...{ eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' },
          requestParameters: { role: 'arn:aws:iam::111122223333:role/app/orders-task' },
        }),
      ],
    ],
  ])('%s', async (_, records) => {
    const { ask, stored } = await bench(records)
    expect(await ask()).toBe('not-seen')
    expect(inStatus(await stored(), 'open').approvals).toHaveLength(1)
  })

  it('when it was denied again after the success', async () => {
    const { ask, bot, stored } = await bench([success(8_000)])
    await bot.store.recordOccurrence({ ...DENIAL, id: 'again', timeMs: DENIED_AT + 20_000 }, FP, POSTED)
    expect(await ask()).toBe('postponed')
    const open = inStatus(await stored(), 'open')
    await bot.store.replace(open, { ...open, repeats: { ...open.repeats, lastSeenMs: DENIED_AT + 20_000 } })
    expect(await ask()).toBe('not-seen')
  })

  it('while only a text reports the denial: its confirmation needs the requests', async () => {
    const { ask, bot, stored, requests } = await bench([success(8_000)])
    const open = inStatus(await stored(), 'open')
    await bot.store.replace(open, { ...open, denial: { ...DENIAL, source: 'message' } })
    expect(await ask()).toBe('postponed')
    expect(requests).toEqual([])
  })
})

describe('requests to the event history for one denial', () => {
  it('are at most eight however often it is asked, each of one page', async () => {
    const { ask, requests } = await bench([])
    const outcomes: string[] = []
    for (let n = 0; n < 6; n += 1) outcomes.push(await ask())
    expect(outcomes).toEqual(['not-seen', 'not-seen', 'not-seen', 'not-seen', 'spent', 'spent'])
    expect(requests).toHaveLength(MAX_LOOKUPS)
    expect(requests.every(request => request.endsWith(' 1'))).toBe(true)
  })

  it('are enough for a success that the third look finds, with the writes before it', async () => {
    const { ask, local, requests, why } = await bench([])
    expect([await ask(), await ask()]).toEqual(['not-seen', 'not-seen'])
    local.add([success(8_000, byOther(SESSION, 'AWSCodeBuild-another')), WRITE])
    expect(await ask()).toBe('solved')
    expect(requests).toHaveLength(8)
    expect(await why()).toContain('after PutRolePolicy')
  })
})

describe('when it is looked for', () => {
  it('is 2, 6 and 16 minutes after the card, and never again', async () => {
    const { bot, sweep } = await bench([])
    const minutes: number[] = []
    for (let minute = 1; minute <= 28; minute += 1) {
      bot.setNow(POSTED + minute * MINUTE)
      const before = bot.queue.sent.length
      await sweep()
      if (bot.queue.sent.slice(before).some(({ work }) => work.kind === 'solved')) minutes.push(minute)
    }
    expect(minutes).toEqual([2, 6, 16])
  })
})

describe('a crash at any call', () => {
  it('leaves a card that the next look or sweep closes, recorded once', async () => {
    for (let call = 1; ; call += 1) {
      const { killedAt, ask, bot, sweep, stored } = await bench([success(8_000), WRITE])
      const killed = await killedAt(call)
      await ask()
      bot.setNow(POSTED + 30 * MINUTE)
      await sweep()
      expect(await stored()).toMatchObject({ status: 'stale', failure: { code: 'solved' } })
      expect(bot.audit.entries.map(({ kind }) => kind)).toEqual(['approved', 'stale'])
      rmSync(join(folder, 'history.jsonl'))
      if (!killed) {
        expect(call).toBeGreaterThan(16)
        break
      }
    }
  })
})
