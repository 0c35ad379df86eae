/** A record that comes after the card: it names the run, and whom it names may not approve. */
import { describe, expect, it } from 'vitest'
import { makeLookForSuccess } from '../../functions/propose/look-for-success.ts'
import { askChain } from '../../functions/workflows/denial/ask-chain.ts'
import { inStatus } from '../fakes/sample-proposal.ts'
import { at, bench, DENIED_AT, folderForEachTest, type Json, RECORD, SESSION } from './look-fixture.ts'

folderForEachTest()

const KEY = String(RECORD.userIdentity['accessKeyId'])
const ISSUED: Json = {
  ...{ eventVersion: '1.11', eventID: 'issued-1', eventTime: at(DENIED_AT - 60_000), awsRegion: RECORD['awsRegion'] },
  ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', recipientAccountId: '111122223333' },
  userIdentity: {
    ...{ type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/anna', userName: 'anna', accountId: '111122223333' },
    accessKeyId: 'AKIAEXAMPLE',
  },
  requestParameters: {},
  responseElements: {
    credentials: { accessKeyId: KEY },
    assumedRoleUser: {
      assumedRoleId: RECORD.userIdentity['principalId'],
      arn: `arn:aws:sts::111122223333:assumed-role/pipeline-deploy/${SESSION}`,
    },
  },
}

const UNKNOWN = { kind: 'unknown', why: 'people can assume this role', claimed: null } as const

async function card(records: readonly Json[]) {
  const world = await bench(records, 'lacking')
  const { bot, deps, history, policyVersions } = world
  const people = [{ user: 'anna', slack: 'U0ONCALL1' }]
  const analyze: typeof deps.analyze = async (denial, nowMs, beside = {}) => {
    const chain = await beside.chain
    const analysis = await deps.analyze(denial, nowMs, beside)
    const named = chain?.root?.userName
    const found = people.find(({ user }) => user === named)
    return found === undefined ? analysis : { ...analysis, requester: { kind: 'person', userId: found.slack } }
  }
  const open = inStatus(await bot.store.get('p-1'), 'open')
  await bot.store.replace(open, { ...open, requester: UNKNOWN })
  const chain = askChain('card', { ...bot, history })
  const ask = () => makeLookForSuccess({ ...deps, analyze, chain, history, policyVersions })('p-1')
  return { ...world, ask }
}

describe('an open card whose record comes later', () => {
  it('names the run, keeps the number of people, and leaves out whom it names', async () => {
    const { ask, stored } = await card([ISSUED])
    expect(await ask()).toBe('changed')
    const open = inStatus(await stored(), 'open')
    expect(open.run).toMatchObject({ person: { name: 'anna', kind: 'user', proved: true }, chain: ['issued-1'] })
    expect(open.requester).toEqual({ ...UNKNOWN, claimed: 'U0ONCALL1' })
    // Nothing is asked twice.
    const before = open.version
    await ask()
    expect(inStatus(await stored(), 'open').version).toBe(before)
  })

  it('stays as it is where the history has none', async () => {
    const { ask, stored } = await card([])
    await ask()
    expect(inStatus(await stored(), 'open').requester).toEqual(UNKNOWN)
  })
})
