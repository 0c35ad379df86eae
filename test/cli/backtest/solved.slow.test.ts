import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../../cli/dispatch.ts'
import type { BacktestOutput } from '../../../cli/outputs/backtest.ts'
import {
  assumeDenied,
  assumed,
  HOME,
  passDenied,
  passed,
  registered,
  session,
  TARGET,
  wrote,
} from '../../core/timeline/records.ts'
import { memoryIo } from '../memory-io.ts'

const folder = mkdtempSync(join(tmpdir(), 'solved-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function backtested(records: readonly Record<string, unknown>[], ...more: readonly string[]) {
  const file = join(folder, 'trail.json')
  writeFileSync(file, JSON.stringify({ Records: records }))
  const io = memoryIo({})
  const code = await dispatch(['backtest', file, ...more], io)
  return { code, out: io.captured.out }
}

const numbers = async (records: readonly Record<string, unknown>[]) =>
  JSON.parse((await backtested(records, '--json')).out) as BacktestOutput

const correction = (record: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  ...record,
  ...{ eventID: `${String(record['eventID'])}-corrected`, ...more },
  addendum: { reason: 'UPDATED_DATA', updatedFields: 'userAgent', originalEventID: record['eventID'] },
})

describe('a backtest of records that CloudTrail corrects', () => {
  it('counts each call once, in whatever order its records come, also of a correction that is corrected', async () => {
    const denied = assumeDenied(0)
    const once = correction(denied)
    for (const records of [
      [denied, once],
      [once, denied],
      [denied, once, correction(once)],
    ])
      expect(await numbers(records)).toMatchObject({ records: 1, denials: 1, distinct: 1, cards: 1 })
    expect(await numbers([{ ...assumeDenied(0), addendum: { reason: 'DELIVERY_DELAY' } }])).toMatchObject({
      denials: 1,
    })
  })

  it('counts a denial that only the correction shows, and a lone correction', async () => {
    const { errorCode, errorMessage, ...worked } = assumeDenied(0)
    expect(await numbers([worked, correction(worked, { errorCode, errorMessage })])).toMatchObject({
      ...{ records: 1, denials: 1 },
    })
    expect(await numbers([correction(assumeDenied(0))])).toMatchObject({ records: 1, denials: 1 })
  })
})

describe('a backtest of a call across accounts', () => {
  it('asks about it once, by the record of the caller', async () => {
    const role = 'arn:aws:iam::444455556666:role/away'
    const asked = { ...assumed(0, role), sharedEventID: 'shared' }
    const seen = {
      ...asked,
      ...{ eventID: 'seen', recipientAccountId: '444455556666' },
      userIdentity: { type: 'AWSAccount', principalId: 'AROAEXAMPLEDEPLOY123:ci-2', accountId: HOME },
    }
    const account = join(folder, 'other.json')
    const other = {
      ...{ Arn: `arn:aws:iam::${HOME}:role/other`, RoleName: 'other', RoleId: 'AROAEXAMPLEOTHER0123' },
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ecs.amazonaws.com' } }],
      },
      ...{ AttachedManagedPolicies: [], RolePolicyList: [] },
    }
    const lists = { UserDetailList: [], GroupDetailList: [], Policies: [], RoleDetailList: [other] }
    writeFileSync(account, JSON.stringify(lists))
    for (const records of [
      [asked, seen],
      [seen, asked],
    ])
      expect(JSON.parse((await backtested(records, '--json', '--account', account)).out)).toMatchObject({
        ...{ records: 2, calibration: { allowedCalls: 1, unknown: 1 } },
      })
  })
})

describe('a backtest of denials that solved themselves', () => {
  it('counts them, sends no card for them, and names their cause transient', async () => {
    const other = `${TARGET}-2`
    // The success comes first in the file, and one denial has none.
    const records = [assumed(8), assumeDenied(0), assumeDenied(2, other)]
    expect(await numbers(records)).toMatchObject({
      ...{ denials: 2, distinct: 2, solvedThemselves: 1, cards: 1 },
      byCause: { transient: 1 },
    })
    expect((await backtested(records)).out).toContain(
      '1 denial needed nothing: the same call worked soon after, and the records show no change between. Cards that this closes, not counted: 1',
    )
  })

  it('counts a card where the call worked only after the last look of the bot', async () => {
    expect(await numbers([assumeDenied(0), assumed(1_140)])).toMatchObject({ solvedThemselves: 1, cards: 0 })
    const late = await numbers([assumeDenied(0), assumed(1_141)])
    expect(late).toMatchObject({ solvedThemselves: 0, cards: 1 })
    expect(late.byCause).not.toHaveProperty('transient')
  })

  it('counts occurrences: a denial of which one stayed is no transient one', async () => {
    const found = await numbers([assumeDenied(0), assumed(8), assumeDenied(600)])
    expect(found).toMatchObject({ denials: 2, distinct: 1, solvedThemselves: 1, cards: 1 })
    expect(found.byCause).not.toHaveProperty('transient')
  })

  it('takes no look-alike and no change for time', async () => {
    const put = wrote(4, 'PutRolePolicy', {
      roleName: 'deploy',
      policyName: 'deploy',
      policyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
      }),
    })
    for (const more of [
      [assumed(-8)],
      [passed(8)],
      [assumed(8, `${TARGET}x`)],
      [assumed(8, TARGET, session('other'))],
      [put, assumed(8)],
    ])
      expect(await numbers([assumeDenied(0), ...more])).toMatchObject({ solvedThemselves: 0, cards: 1 })
    const detached = {
      ...wrote(4, 'DetachPolicy', { policyId: 'p-guard00001', targetId: HOME }, { recipientAccountId: '999999999999' }),
      eventSource: 'organizations.amazonaws.com',
    }
    expect(await numbers([assumeDenied(0), detached, assumed(8)])).toMatchObject({ solvedThemselves: 0, cards: 1 })
    expect(await numbers([passDenied(0), registered(8)])).toMatchObject({ solvedThemselves: 0 })
    expect(await numbers([passDenied(0), passed(8)])).toMatchObject({ solvedThemselves: 1, cards: 0 })
  })

  it('says proved only with the policies, and records of the Region of IAM', async () => {
    const statement = (more: object) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...more }] })
    const trust = statement({ Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${HOME}:root` } })
    const role = (Arn: string, RoleId: string, policies: readonly object[]) => ({
      ...{ Arn, RoleId, RoleName: Arn.split('/').at(-1), AssumeRolePolicyDocument: trust },
      ...{ AttachedManagedPolicies: [], RolePolicyList: policies },
    })
    const document = statement({ Action: 'iam:PassRole', Resource: TARGET })
    const account = join(folder, 'account.json')
    writeFileSync(
      account,
      JSON.stringify({
        ...{ UserDetailList: [], GroupDetailList: [], Policies: [] },
        RoleDetailList: [
          role(`arn:aws:iam::${HOME}:role/ci/deploy`, 'AROAEXAMPLEDEPLOY123', [
            { PolicyName: 'deploy', PolicyDocument: document },
          ]),
          role(TARGET, 'AROAEXAMPLETARGET123', []),
        ],
      }),
    )
    const verdicts = async (records: readonly Record<string, unknown>[], ...more: readonly string[]) =>
      (JSON.parse((await backtested(records, '--json', ...more)).out) as BacktestOutput).byVerdict
    const records = [passDenied(0), passed(8)]
    const iam = wrote(-60, 'CreateAccessKey', {})
    expect(await verdicts(records, '--account', account)).toEqual({ likely: 1 })
    expect(await verdicts([iam, ...records])).toEqual({ likely: 1 })
    expect(await verdicts([iam, ...records], '--account', account)).toEqual({ proved: 1 })
    // A search may have left writes out.
    const searched = [iam, ...records].map(record => ({ CloudTrailEvent: JSON.stringify(record) }))
    expect(await verdicts(searched, '--account', account)).toEqual({ likely: 1 })
  })
})
