import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../core/base/rich-text.ts'
import { snapshotReader } from '../../functions/adapters/files/account-snapshot.ts'
import { renderNotice } from '../../functions/adapters/slack/blocks/notice-card.ts'
import type { NoticeCard } from '../../functions/domain/card/grants/notice-card.ts'
import type { AccessReader } from '../../functions/ports/access-reader.ts'
import { makeSuggest } from '../../functions/propose/suggest-set.ts'
import { judgeSetWith } from '../../functions/workflows/denial/judge-set.ts'
import { memoryBot, posting } from '../fakes/memory-bot.ts'
import { BY_ANA, DENIAL, HOUR, NOON, OUTCOME, sampleProposal } from '../fakes/sample-proposal.ts'

const DAY = 24 * HOUR
const roleArn = (name: string) => `arn:aws:iam::111122223333:role/${name}`

/** A role for ECS tasks, as AWS describes it. */
function role(name: string, statements: readonly object[] = []) {
  const trusted = { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }
  return {
    RoleName: name,
    RoleId: `AROA${name.toUpperCase().replaceAll('-', '')}`,
    Path: '/',
    Arn: roleArn(name),
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trusted] },
    RolePolicyList:
      statements.length === 0
        ? []
        : [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    AttachedManagedPolicies: [],
    InstanceProfileList: [],
    Tags: [],
  }
}

const READS = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
const EVERYTHING = { Effect: 'Allow', Action: '*', Resource: '*' }
const ORDERS = [role('orders-api'), role('orders-web'), role('orders-worker')]

function readerOf(roles: readonly object[]): AccessReader {
  const account = {
    UserDetailList: [],
    GroupDetailList: [],
    Policies: [],
    RoleDetailList: [role('deployer'), ...roles],
  }
  return snapshotReader({ files: [{ name: 'account.json', text: JSON.stringify(account) }] })
}

/** Confirmed grants of deployer, one a day, for these roles. Returns the card of each message with what is posted. */
async function bench(roles: readonly object[] = ORDERS, config = {}, changedReader: Partial<AccessReader> = {}) {
  const bot = memoryBot(posting({ ...memoryBot().config, ...config }))
  const cards: NoticeCard[] = []
  const notice = (card: NoticeCard) => {
    cards.push(card)
    return renderNotice(card)
  }
  const setReader = { ...readerOf(roles), ...changedReader }
  const suggest = makeSuggest({ ...bot, renderer: { notice }, judge: judgeSetWith(setReader) })
  const grant = async (name: string, day: number, changed = {}) => {
    const denial = { ...DENIAL, resource: roleArn(name) }
    const applied = { ...OUTCOME, atMs: NOON + day * DAY }
    await bot.store.create(sampleProposal({ status: 'confirmed', id: `p-${name}`, denial, applied, ...changed }))
    return suggest(`p-${name}`)
  }
  return { bot, cards, suggest, grant, three: () => grantAll(grant) }
}

async function grantAll(grant: (name: string, day: number) => Promise<string>): Promise<readonly string[]> {
  return [await grant('orders-api', 0), await grant('orders-web', 5), await grant('orders-worker', 9)]
}

const textOf = ({ headline, lines }: NoticeCard) => [headline, ...lines].map(asPlainText)

describe('the third equal approval', () => {
  it('posts one message with the set, its members judged, and the entry to copy', async () => {
    const { bot, cards, three } = await bench([...ORDERS, role('orders-reader', [READS]), role('billing-api')])
    expect(await three()).toEqual(['counted', 'counted', 'posted'])
    expect(bot.chat.posts.map(({ channel }) => channel)).toEqual(['C0DEPLOYS'])
    const [card] = cards
    if (card === undefined) throw new Error('no card')
    expect(textOf(card)).toEqual([
      'Three approvals in 30 days let deployer pass roles named orders-* to ECS tasks',
      'Approved: orders-api, orders-web, orders-worker',
      'Members today: 4 roles',
      '• orders-reader: elevated risk. Through orders-reader the caller gains s3:GetObject on *.',
      '• orders-api: low risk',
      '• orders-web: low risk',
      '• orders-worker: low risk',
      'An approved set makes the next one a single decision: it grants arn:aws:iam::111122223333:role/orders-*, also for roles that are created under this name later.',
      'If that is right, add this to approvedRoleSets in rolemedic.config.json and deploy. rolemedic never edits its configuration.',
    ])
    expect(JSON.parse(card.code ?? '')).toEqual({
      name: 'orders',
      pattern: 'arn:aws:iam::111122223333:role/orders-*',
      services: ['ecs-tasks.amazonaws.com'],
    })
    expect(card.buttons).toEqual([])
  })

  it('is told once: repeats and later approvals post nothing', async () => {
    const { bot, suggest, grant, three } = await bench()
    await three()
    expect(await suggest('p-orders-worker')).toBe('known')
    expect(await grant('orders-mail', 10)).toBe('known')
    expect(bot.chat.posts).toHaveLength(1)
  })

  it('is told once although the worker crashed before it remembered', async () => {
    const { bot, grant, suggest } = await bench()
    await grant('orders-api', 0)
    await grant('orders-web', 5)
    const { putMarker } = bot.store
    bot.store.putMarker = async (marker, version, value) => {
      if (marker.key.startsWith('set-suggested/')) throw new Error('crashed')
      return putMarker.call(bot.store, marker, version, value)
    }
    await expect(grant('orders-worker', 9)).rejects.toThrow('crashed')
    bot.store.putMarker = putMarker
    expect(await suggest('p-orders-worker')).toBe('posted')
    expect(bot.chat.posts).toHaveLength(1)
    expect(await suggest('p-orders-worker')).toBe('known')
  })

  it('is told later when the chat is down', async () => {
    const { bot, three, suggest } = await bench()
    bot.chat.down = new Error('Slack is away')
    await expect(three()).rejects.toThrow('Slack is away')
    bot.chat.down = null
    expect(await suggest('p-orders-worker')).toBe('posted')
  })

  it('is not there when one of the three was reverted meanwhile', async () => {
    const { bot, grant } = await bench()
    await grant('orders-api', 0)
    await grant('orders-web', 5)
    const before = await bot.store.get('p-orders-web')
    if (before === null) throw new Error('it is stored')
    await bot.store.replace(
      before,
      sampleProposal({ status: 'reverted', id: before.id, denial: before.denial, reverted: BY_ANA }),
    )
    expect(await grant('orders-worker', 9)).toBe('counted')
    expect(bot.chat.posts).toEqual([])
  })

  it('is not there for another caller', async () => {
    const { grant } = await bench()
    await grant('orders-api', 0)
    await grant('orders-web', 5)
    const principal = { ...DENIAL.principal, name: 'other', roleArn: roleArn('other') }
    expect(
      await grant('orders-worker', 9, { denial: { ...DENIAL, principal, resource: roleArn('orders-worker') } }),
    ).toBe('counted')
  })

  it('says nothing where a configured set takes the roles in', async () => {
    const set = { name: 'orders', pattern: roleArn('orders-*'), services: ['ecs-tasks.amazonaws.com'] }
    const { bot, three } = await bench(ORDERS, { approvedRoleSets: [set] })
    expect(await three()).toEqual(['none', 'none', 'none'])
    expect(bot.chat.posts).toEqual([])
  })
})

describe('a set that is not safe', () => {
  it.each<[string, readonly object[], object, string]>([
    [
      'has an administrator',
      [role('orders-admin', [EVERYTHING])],
      {},
      'orders-admin may lead to administrator access.',
    ],
    [
      'has a protected role',
      [role('orders-root')],
      { protected: ['*orders-root'] },
      ' is protected from changes by rolemedic.',
    ],
    ['could have one later', [], { protected: ['*orders-root'] }, ' is protected from changes by rolemedic.'],
    [
      'has a role that administers accounts',
      [role('orders-ops')],
      { administratorRoles: ['orders-ops'] },
      'orders-ops administers accounts.',
    ],
  ])('because it %s is not recommended, and no entry is given', async (_, more, config, why) => {
    const { cards, three } = await bench([...ORDERS, ...more], config)
    expect((await three()).at(-1)).toBe('posted')
    const text = textOf(cards[0] as NoticeCard).at(-1)
    expect(text).toContain('An approved set is not recommended:')
    expect(text).toContain(why)
    expect(cards[0]?.code).toBeNull()
  })

  it('names the member of the highest risk first, and at most 20', async () => {
    const many = Array.from({ length: 40 }, (_, at) => role(`orders-${String(at).padStart(2, '0')}`))
    const { cards, three } = await bench([...ORDERS, ...many, role('orders-zz', [EVERYTHING])])
    await three()
    const lines = textOf(cards[0] as NoticeCard)
    expect(lines[2]).toBe('Members today: 44 roles')
    expect(lines[3]).toContain('• orders-zz: high risk. ')
    expect(lines.filter(line => line.startsWith('• '))).toHaveLength(20)
    expect(lines).toContain('and 24 more, none of them of a higher risk')
  })
})

describe('what could not be read', () => {
  it('of all roles is said, with no entry, and told again once they can be read', async () => {
    const denied = { roles: async () => ({ known: false as const, why: 'AccessDenied' }) }
    const { bot, cards, three } = await bench(ORDERS, {}, denied)
    expect((await three()).at(-1)).toBe('posted')
    const lines = textOf(cards[0] as NoticeCard)
    expect(lines).toContain('Members today: could not be listed (AccessDenied).')
    expect(lines.at(-1)).toContain('its roles could not be listed, so nobody knows what it would open.')
    expect(cards[0]?.code).toBeNull()
    const again = makeSuggest({ ...bot, judge: judgeSetWith({ ...readerOf(ORDERS), ...denied }) })
    expect(await again('p-orders-worker')).toBe('known')
    expect(await makeSuggest({ ...bot, judge: judgeSetWith(readerOf(ORDERS)) })('p-orders-worker')).toBe('posted')
    expect(bot.chat.posts).toHaveLength(2)
  })

  it('of one member is said, with no entry', async () => {
    const whole = readerOf(ORDERS)
    const { cards, three } = await bench(
      ORDERS,
      {},
      {
        role: async (entity, scope) =>
          entity.name === 'orders-web' ? { kind: 'unreadable', why: 'AccessDenied' } : whole.role(entity, scope),
      },
    )
    await three()
    const lines = textOf(cards[0] as NoticeCard)
    expect(lines[3]).toContain(
      '• orders-web: its risk is not known. Could not read what arn:aws:iam::111122223333:role/orders-web allows: AccessDenied.',
    )
    expect(lines.at(-1)).toContain('what 1 of its roles may do could not be read.')
    expect(cards[0]?.code).toBeNull()
  })
})
