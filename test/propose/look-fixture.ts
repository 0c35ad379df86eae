/** An open card in a bot in memory, the policies of the account as they are read now, and a history of records. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { fingerprintOf } from '../../core/denial/fingerprint.ts'
import { parseRecord } from '../../core/denial/parse-denial.ts'
import { readingDigest } from '../../core/timeline/index.ts'
import { snapshotReader, snapshotVersions } from '../../functions/adapters/files/account-snapshot.ts'
import type { PolicyVersions } from '../../functions/ports/access-reader.ts'
import { type EventHistory, NO_REQUEST_LEFT } from '../../functions/ports/event-history.ts'
import { makeLookForSuccess } from '../../functions/propose/look-for-success.ts'
import { makePropose, type ProposeDeps } from '../../functions/propose/propose.ts'
import { makeSweep } from '../../functions/sweep/sweep.ts'
import { analyzeBundle } from '../../functions/workflows/deploy/analyze-bundle.ts'
import { localHistory } from '../../simulator/event-history.ts'
import { CONFIG, memoryBot } from '../fakes/memory-bot.ts'
import { inStatus, MINUTE, sampleProposal } from '../fakes/sample-proposal.ts'

export class Killed extends Error {}
export type Json = { readonly [key: string]: unknown }

export const RECORD = JSON.parse(
  readFileSync(new URL('../../events/ecs-register-task-definition.json', import.meta.url), 'utf8'),
) as Json & { readonly userIdentity: Json }
const parsed = parseRecord(RECORD)
if (parsed.kind !== 'denial') throw new Error('the sample is no denial')
export const DENIAL = parsed.denial
export const DENIED_AT = Date.parse('2026-11-24T02:47:31Z')
export const FP = fingerprintOf(DENIAL)
export const POSTED = DENIED_AT + 90_000
export const ANNA = { id: 'U0ONCALL1', name: 'anna' }
export const SESSION = 'AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f'

export const at = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')
/** The denied call, and AWS accepted it. */
export function success(afterMs: number, changed: Json = {}): Json {
  const { errorCode: _, errorMessage: __, ...call } = RECORD
  return { ...call, eventID: `success-${afterMs}`, eventTime: at(DENIED_AT + afterMs), ...changed }
}
export const byOther = (from: string, to: string): Json => ({
  userIdentity: JSON.parse(JSON.stringify(RECORD.userIdentity).replaceAll(from, to)) as Json,
})
export const passing = (role: string): Json => ({
  requestParameters: { family: 'orders', taskRoleArn: `arn:aws:iam::111122223333:role/app/${role}` },
})
export const WRITE: Json = {
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

export let folder: string
/** Called by each test file: files share the modules of their thread, and a hook of a module is only for the first of them. */
export function folderForEachTest(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rolemedic-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
}

const ALLOWS = {
  PolicyName: 'deploy',
  PolicyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }],
  },
}

/** A member: what the organization's policies deny is not read, and its history is not in that of the account. */
const MEMBER = JSON.stringify({ organizationId: 'o-abc123', managementAccountId: '999999999999' })

type Role = { RoleName: string; RolePolicyList?: object[]; AttachedManagedPolicies?: object[] }

/** The account as it is read now: with or without the permission. `change`: more that is different in it. */
function readerOf(policies: 'allowing' | 'lacking', change: (caller: Role, account: object) => void) {
  const text = readFileSync(new URL('../../events/accounts/orders-dev.json', import.meta.url), 'utf8')
  const account = JSON.parse(text) as { RoleDetailList: Role[] }
  const caller = account.RoleDetailList.find(({ RoleName }) => RoleName === 'pipeline-deploy')
  if (caller === undefined) throw new Error('the account has no caller')
  change(caller, account)
  if (policies === 'allowing') caller.RolePolicyList = [...(caller.RolePolicyList ?? []), ALLOWS]
  return snapshotReader({
    files: [{ name: 'account.json', text: JSON.stringify(account) }],
    org: MEMBER,
    orgName: 'org.json',
  })
}

/** `writes`: whether the history answers about IAM's writes. */
export async function bench(
  records: readonly Json[],
  policies: 'allowing' | 'lacking' = 'allowing',
  writes: 'read' | 'refused' = 'read',
  change: (caller: Role, account: object) => void = () => {},
) {
  const bot = memoryBot()
  let reader = readerOf(policies, change)
  const local = localHistory(join(folder, 'history.jsonl'))
  local.add(records)
  const requests: string[] = []
  const versionsRead: string[] = []
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
      if ((await limits?.mayRequest?.()) === false) return { known: false, why: NO_REQUEST_LEFT }
      requests.push(`${place.region} ${JSON.stringify(by)} ${limits?.maxRequests}`)
      if (writes === 'refused' && 'resourceName' in by) return { known: false, why: 'refused' }
      return local.search(place, by, window)
    },
  }
  let versions: 'read' | 'refused' | 'unreachable' = 'read'
  const answered = snapshotVersions(() => reader)
  const policyVersions: PolicyVersions = {
    async digestsOf(arns) {
      if (versions !== 'read') throw new Error('no route')
      return answered.digestsOf(arns)
    },
    async versionsOf(arns) {
      versionsRead.push(...arns)
      if (versions === 'unreachable') throw new Error('no route')
      if (versions === 'read') return answered.versionsOf(arns)
      const none = { policy: () => null, group: () => null }
      return { archive: none, digestByArn: new Map(), unread: 'iam:ListPolicyVersions was refused' }
    },
  }
  const analyze: ProposeDeps['analyze'] = (denial, nowMs, beside = {}) =>
    analyzeBundle(denial, beside, { reader, config: CONFIG, nowMs })
  const reading = readingDigest((await analyze(DENIAL, POSTED)).snapshot)
  await bot.store.recordOccurrence(DENIAL, FP, DENIED_AT)
  await bot.store.claimOccurrence(FP, null, 'p-1')
  await bot.store.create(
    sampleProposal({
      ...{ denial: DENIAL, fingerprint: FP, createdAtMs: POSTED, expiresAtMs: POSTED + 480 * MINUTE },
      ...{ repeats: { count: 1, firstSeenMs: DENIED_AT, lastSeenMs: DENIED_AT }, dueAtMs: POSTED + 2 * MINUTE },
      ...{ reading, successLooks: 0, approvals: [{ by: ANNA, atMs: POSTED, limitHours: null, reason: null }] },
    }),
  )
  const deps: ProposeDeps = {
    ...bot,
    renderer: { ...bot.renderer, list: () => ({ text: 'list', blocks: [] }) },
    notifier: { publish: async () => {} },
    witness: async () => ({ kind: 'waiting' }),
    analyze,
  }
  bot.setNow(POSTED + 2 * MINUTE)
  const stored = () => bot.store.get('p-1')
  return {
    bot,
    local,
    requests,
    ...{ history, policyVersions, versionsRead },
    /** How IAM answers about versions of policies from now on. */
    answerVersions(how: typeof versions) {
      versions = how
    },
    deps,
    /** Somebody changes the account by what no record shows yet. */
    changeUnseen(now: (caller: Role, account: object) => void) {
      reader = readerOf(policies, now)
    },
    ask: () => makeLookForSuccess({ ...deps, history, policyVersions })('p-1'),
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
        await makeLookForSuccess({ ...deps, history, policyVersions, ...mortals })('p-1')
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
