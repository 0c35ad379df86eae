/** Who asks the event history for the records behind a session, how often, and what an answer that is missing costs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Denial } from '../../../core/denial/index.ts'
import type { EventHistory } from '../../../functions/ports/event-history.ts'
import { SILENT_OBSERVER } from '../../../functions/ports/silent-observer.ts'
import { askChain, chainForWrite, promptly } from '../../../functions/workflows/denial/ask-chain.ts'
import { localHistory } from '../../../simulator/event-history.ts'
import { memoryStore } from '../../fakes/memory-store.ts'
import { denied } from '../../fixtures/events.ts'

const HOME = '111122223333'
const SHARED = '222233334444'
const at = (minute: number) => `2026-11-29T09:${String(minute).padStart(2, '0')}:00Z`
const ADA = {
  type: 'IAMUser',
  arn: `arn:aws:iam::${HOME}:user/ada`,
  userName: 'ada',
  accountId: HOME,
  accessKeyId: 'AKIAADA',
}

const session = (account: string, role: string, key: string) => ({
  ...{ type: 'AssumedRole', principalId: `AROA${role}:x`, accountId: account, accessKeyId: key },
  arn: `arn:aws:sts::${account}:assumed-role/${role}/x`,
  sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${account}:role/${role}` } },
})
function issued(
  { id, minute, by, region = 'eu-west-1', in: account = HOME, shared }: Issue,
  role: { account: string; name: string; key: string },
) {
  return {
    ...{
      eventID: id,
      eventTime: at(minute),
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRole',
      awsRegion: region,
    },
    ...{ userIdentity: by, recipientAccountId: account, requestParameters: {} },
    ...(shared === undefined ? {} : { sharedEventID: shared }),
    responseElements: {
      credentials: { accessKeyId: role.key },
      assumedRoleUser: {
        assumedRoleId: `AROA${role.name}:x`,
        arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/x`,
      },
    },
  }
}
type Issue = { id: string; minute: number; by: object; region?: string; in?: string; shared?: string }

const ONE = { account: HOME, name: 'one', key: 'ASIAONE000000000' }
const TWO = { account: SHARED, name: 'two', key: 'ASIATWO000000000' }
const denialOf = (role: typeof ONE): Denial =>
  denied({
    ...{ eventID: 'denied', eventTime: at(30), eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole' },
    ...{ awsRegion: 'eu-west-1', recipientAccountId: role.account, errorCode: 'AccessDenied', requestParameters: null },
    userIdentity: session(role.account, role.name, role.key),
    errorMessage: `User: arn:aws:sts::${role.account}:assumed-role/${role.name}/x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${HOME}:role/target`,
  })

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chain-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function world(records: readonly object[], change: Partial<EventHistory> = {}) {
  const history = localHistory(join(folder, 'history.jsonl'))
  history.add(records)
  const asked: string[] = []
  const search: EventHistory['search'] = async (place, by, window, limits = {}) => {
    const answer = await (change.search ?? history.search)(place, by, window, limits)
    if (answer.known) asked.push(`${place.accountId} ${place.region} ${'resourceName' in by ? by.resourceName : ''}`)
    return answer
  }
  const deps = { store: memoryStore(), clock: () => Date.parse(at(31)), observer: SILENT_OBSERVER, history: { search } }
  return { asked, deps, ask: askChain('card', deps) }
}

describe('the chain behind a denied session', () => {
  it('is asked for in the Region of the call', async () => {
    const { ask, asked } = world([issued({ id: 'first', minute: 10, by: ADA }, ONE)])
    const chain = await ask(denialOf(ONE))
    expect(chain?.hops.map(({ id }) => id)).toEqual(['first'])
    expect(chain?.root?.userName).toBe('ada')
    expect(asked).toEqual([`${HOME} eu-west-1 ${ONE.key}`])
  })

  it('is asked for at the global endpoint if the Region of the call issued no such key', async () => {
    const { ask, asked } = world([issued({ id: 'first', minute: 10, by: ADA, region: 'us-east-1' }, ONE)])
    expect((await ask(denialOf(ONE)))?.root?.userName).toBe('ada')
    expect(asked).toHaveLength(2)
  })

  it('follows the record that CloudTrail corrected last', async () => {
    const bob = { ...ADA, arn: `arn:aws:iam::${HOME}:user/bob`, userName: 'bob' }
    const first = issued({ id: 'first', minute: 10, by: bob }, ONE)
    const again = issued({ id: 'again', minute: 10, by: ADA }, ONE)
    const addendum = { reason: 'UPDATED_DATA', updatedFields: 'userIdentity', originalEventID: 'first' }
    const corrected = await world([first, { ...again, addendum }]).ask(denialOf(ONE))
    expect(corrected).toMatchObject({ hops: [{ id: 'again' }], root: { userName: 'ada' } })
  })

  it('goes on in the account that asked', async () => {
    const asking = session(HOME, 'one', ONE.key)
    const seen = { type: 'AWSAccount', principalId: 'AROAone:x', accountId: HOME }
    const { ask, asked } = world([
      issued({ id: 'first', minute: 10, by: ADA }, ONE),
      issued({ id: 'asked', minute: 20, by: asking, shared: 's-1' }, TWO),
      issued({ id: 'seen', minute: 20, by: seen, in: SHARED, shared: 's-1' }, TWO),
    ])
    const chain = await ask(denialOf(TWO))
    expect(chain?.hops.map(({ id }) => id)).toEqual(['asked', 'first'])
    expect(chain?.root?.userName).toBe('ada')
    expect(asked).toHaveLength(3)
  })

  it('takes three requests of a denial, and as many of its write', async () => {
    const { ask, asked, deps } = world([])
    for (let turn = 0; turn < 4; turn++) expect((await ask(denialOf(ONE)))?.root).toBe(null)
    expect(asked).toHaveLength(3)
    await askChain('write', deps)(denialOf(ONE))
    expect(asked).toHaveLength(5)
  })

  it('is not asked for where the event shows no session', async () => {
    const { ask, asked } = world([])
    const { sessionKey: _, ...principal } = denialOf(ONE).principal
    expect(await ask({ ...denialOf(ONE), principal })).toBe(null)
    expect(asked).toEqual([])
  })

  it('keeps no card waiting, and is not asked for again for a minute', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let nowMs = Date.parse(at(31))
    let asked = 0
    const never = () => {
      asked += 1
      return new Promise<null>(() => {})
    }
    const ask = promptly(never, { clock: () => nowMs, observer: SILENT_OBSERVER })
    const answer = ask(denialOf(ONE))
    await vi.advanceTimersByTimeAsync(2_000)
    vi.useRealTimers()
    expect(await answer).toBe(null)
    expect(await ask(denialOf(ONE))).toBe(null)
    expect(asked).toBe(1)
    nowMs += 61_000
    void ask(denialOf(ONE))
    expect(asked).toBe(2)
  })

  it('is unknown on a card and tried again before a write if the history fails', async () => {
    const search = async () => {
      throw new Error('ThrottlingException')
    }
    const { ask, deps } = world([], { search })
    expect(await promptly(ask, deps)(denialOf(ONE))).toBe(null)
    expect(await chainForWrite(ask, denialOf(ONE), false)).toBe(null)
    await expect(chainForWrite(ask, denialOf(ONE), true)).rejects.toThrow('ThrottlingException')
  })
})
