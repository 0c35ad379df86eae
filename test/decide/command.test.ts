import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { RolemedicError } from '../../core/base/fault.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import { entryFor } from '../../functions/domain/audit/audit-entry.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { gatherOpen } from '../../functions/workflows/home/open-cards.ts'
import { gatherHome } from '../../functions/workflows/home/publish-home.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { MINUTE, NOON, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'
import { ANNA, BEN, botWith, click, press, VISITOR } from './decide-fixture.ts'

describe('the slash command', () => {
  const ask = async (bot: MemoryBot, text: string, by = ANNA): Promise<string | undefined> => {
    const answer = await makeDecide(bot)({ kind: 'command', origin: FAKE_ORIGIN, by, text, conversation: null })
    return answer.reply?.text
  }

  const TITLE = 'deployer was denied iam:PassRole on app-task'
  const CHANGE = 'Lets deployer pass app-task to ECS tasks, nothing else.'
  const LINK = '<https://fake.slack.com/archives/C0DEPLOYS/p1795521600000100>'
  const waits = (approvals: string) => `${TITLE} | ${CHANGE} Low risk, ${approvals}. Expires 2026-11-24 20:00 UTC.`

  it('lists what is open as the Home tab does: in its words and order, with its links', async () => {
    const bot = await botWith()
    const requester = { kind: 'person', userId: ANNA.id } as const
    await bot.store.create(sampleProposal({ id: 'p-own', requester, createdAtMs: NOON + 2 * MINUTE }))
    expect((await ask(bot, 'open'))?.split('\n')).toEqual([
      'Waiting for you:',
      `${waits('0 of 1 approval given')} ${LINK}`,
      'Waiting for others:',
      `${waits('0 of 1 approval given')} This is your own denied request: somebody else must approve it. ${LINK}`,
    ])
    const home = await gatherHome(ANNA.id, bot)
    const lists = await gatherOpen(ANNA.id, NOON + 5 * MINUTE, bot)
    expect(lists.sections).toEqual(home.sections.slice(0, 2))
    expect(await ask(memoryBot(), ' open ')).toBe('Nothing is open.')
  })

  it('says so of a proposal whose record cannot be read, and fails where the table does not answer', async () => {
    const bot = await botWith()
    const failing = (code: string) => ({
      ...bot,
      store: { ...bot.store, get: () => Promise.reject(new RolemedicError(code, 'p-1')) },
    })
    const unread = 'The record of this proposal cannot be read. The administrators of rolemedic have been alerted.'
    expect(await ask(failing('item-unreadable'), 'show p-1')).toBe(unread)
    await press(failing('item-unreadable'), click('approve'))
    expect(bot.chat.ephemerals.map(({ text }) => text)).toEqual([unread])
    await expect(ask(failing('table-down'), 'show p-1')).rejects.toThrow('p-1')
    await expect(press(failing('table-down'), click('approve'))).rejects.toThrow('p-1')
  })

  it('lists without a link what has none: not posted, deleted, or Slack does not say', async () => {
    const bot = await botWith(sampleProposal({ status: 'drafted' }))
    expect(await ask(bot, 'open')).toBe(`In progress:\n${TITLE} | Its card is not posted yet.`)
    const posted = await botWith()
    posted.chat.links.set('C0DEPLOYS/1795521600.000100', unknown('message_not_found'))
    expect(await ask(posted, 'open')).toMatch(/UTC\.$/)
    expect((await ask(posted, 'show p-1'))?.split('\n')[0]).toBe('p-1: open')
  })

  it('lists apart what waits for others: what the person has approved, may not decide, or nobody can approve', async () => {
    const bot = await botWith(sampleProposal({ verification: { ...VERIFICATION, approvers: 2 } }))
    await press(bot, click('approve'))
    expect(await ask(bot, 'open')).toBe(
      `Waiting for others:\n${waits('1 of 2 approvals given, by anna')} You approved it: it waits for another person. ${LINK}`,
    )
    expect(await ask(bot, 'open', BEN)).toBe(`Waiting for you:\n${waits('1 of 2 approvals given, by anna')} ${LINK}`)
    const viewed = configSchema.parse({
      mode: 'approve',
      approvers: { users: [ANNA.id] },
      viewers: { users: [BEN.id] },
    })
    expect(await ask(await botWith(sampleProposal(), memoryBot(viewed)), 'open', BEN)).toBe(
      `Waiting for others:\n${waits('0 of 1 approval given')} ${LINK}`,
    )
    const recommend = configSchema.parse({ mode: 'recommend', approvers: { users: [ANNA.id] } })
    expect(await ask(await botWith(sampleProposal(), memoryBot(recommend)), 'open')).toBe(
      `Waiting for others:\n${waits('0 of 1 approval given')} Nobody can approve it: the mode is recommend (mode in rolemedic.config.json). ${LINK}`,
    )
  })

  it('lists last what is in progress, with what happens to it', async () => {
    const bot = await botWith(sampleProposal({ id: 'p-1', status: 'approved' }))
    await bot.store.create(
      sampleProposal({ id: 'p-2', status: 'approved', waitsForRecord: true, createdAtMs: NOON - 1 }),
    )
    await bot.store.create(sampleProposal({ id: 'p-3', status: 'reverting', createdAtMs: NOON - 2 }))
    await bot.store.create(sampleProposal({ id: 'p-4', createdAtMs: NOON - 3 }))
    const lines = (await ask(bot, 'open'))?.split('\n').map(line => line.replace(` ${LINK}`, ''))
    expect(lines).toEqual([
      'Waiting for you:',
      waits('0 of 1 approval given'),
      'In progress:',
      'Approved: let deployer pass app-task | It is being written.',
      "Approved: let deployer pass app-task | It waits for CloudTrail's own record of the denial.",
      'Being undone: let deployer pass app-task | It is being undone, as Ana asked.',
    ])
  })

  it('lists twenty of a kind, and counts the others', async () => {
    const bot = memoryBot()
    bot.setNow(NOON + 5 * MINUTE)
    for (let n = 0; n < 23; n += 1) await bot.store.create(sampleProposal({ id: `p-${n}`, createdAtMs: NOON + n }))
    const lines = (await ask(bot, 'open'))?.split('\n') ?? []
    expect([lines.length, lines.at(-1)]).toEqual([22, '3 more, each with its card.'])
    for (let n = 23; n < 60; n += 1) await bot.store.create(sampleProposal({ id: `p-${n}`, createdAtMs: NOON + n }))
    expect((await ask(bot, 'open'))?.split('\n')[0]).toBe(
      'There are too many to read: what expires first is listed, and the newest.',
    )
  })

  it('lists no change that is written and only watched, unless a person must look at it', async () => {
    const outcome = { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' as const }
    const written = sampleProposal({ status: 'applied', applied: outcome })
    expect(await ask(await botWith(written), 'open')).toBe('Nothing is open.')
    const failure = { code: 'drift', message: 'Somebody edited it.', owner: null }
    expect(await ask(await botWith({ ...written, failure }), 'open')).toBe(
      `Waiting for you:\nNeeds a person: let deployer pass app-task | A part of the change may still stand: Somebody edited it. ${LINK}`,
    )
  })

  it('takes no filter that it does not have', async () => {
    expect(await ask(await botWith(), 'open foo')).toMatch(/^“open” takes no arguments\.\n/)
  })

  it('shows one proposal', async () => {
    const bot = await botWith(sampleProposal({ status: 'expired' }))
    const lines = (await ask(bot, 'show p-1'))?.split('\n')
    expect(lines?.[0]).toBe('p-1: expired <https://fake.slack.com/archives/C0DEPLOYS/p1795521600000100>')
    expect(lines?.at(-1)).toBe('Nobody decided in time: it ended 2026-11-24 20:00 UTC.')
    expect(await ask(bot, 'show p-2')).toBe('There is no proposal p-2.')
    expect(await ask(bot, 'show')).toBe('Which one? Write: show ID')
  })

  it('shows who was denied what, and a change that was made as no change that would be', async () => {
    const lines = (await ask(await botWith(sampleProposal({ status: 'applied' })), 'show p-1'))?.split('\n')
    expect(lines?.[1]).toBe(
      'Denied: iam:PassRole on arn:aws:iam::111122223333:role/app-task by arn:aws:sts::111122223333:assumed-role/deployer/ci-4711',
    )
    expect(lines?.[3]).toBe('Change: role-inline-policy of arn:aws:iam::111122223333:role/deployer')
  })

  it('searches the audit log, newest first', async () => {
    const bot = await botWith()
    await press(bot, click('reject', BEN, { reason: 'wrong role' }))
    expect(await ask(bot, 'audit DEPLOYER')).toBe(
      '1  2026-11-24 12:05 UTC  rejected by ben (U0ONCALL2)  p-1  wrong role',
    )
    expect(await ask(bot, 'audit someone-else')).toBe('No record matches.')
  })

  it('gives each record one short line, whatever it holds', async () => {
    const bot = await botWith()
    const append = (n: number, why: string) =>
      bot.audit.append(entryFor(sampleProposal(), { kind: 'denial-seen', n, atMs: NOON, why }, 'test'))
    await append(0, 'No policy allows it.\nEvidence: identity policy\nNot seen: session policy')
    await append(1, `Changed since. Before: ${'x'.repeat(5_000)}`)
    expect((await ask(bot, 'audit'))?.split('\n')).toEqual([
      `2  2026-11-24 12:00 UTC  denial-seen  p-1  Changed since. Before: ${'x'.repeat(136)}…`,
      '1  2026-11-24 12:00 UTC  denial-seen  p-1  No policy allows it.',
    ])
  })

  it('shows the ten latest records, and says when the search ran out of time', async () => {
    const bot = await botWith()
    const step = (n: number) => ({ kind: 'approved' as const, n, atMs: NOON, why: `reason ${n}` })
    for (let n = 0; n < 30; n += 1) await bot.audit.append(entryFor(sampleProposal(), step(n), 'test'))
    const lines = (await ask(bot, 'audit'))?.split('\n')
    expect(lines?.map(line => line.split('  ')[0])).toEqual('30 29 28 27 26 25 24 23 22 21'.split(' '))
    let nowMs = NOON
    const clock = (): number => {
      nowMs += 1_000
      return nowMs
    }
    expect(await ask({ ...bot, clock }, 'audit')).toMatch(/The search ran out of time/)
  })

  it('answers approvers and viewers, and nobody else', async () => {
    const config = configSchema.parse({
      mode: 'approve',
      approvers: { users: ['U0ONCALL1'] },
      accounts: { '111122223333': { approvers: { users: ['U0ACCOUNT'] } } },
      viewers: { users: ['U0VIEWER'], groups: ['S0VIEWERS'] },
    })
    const bot = await botWith(sampleProposal(), memoryBot(config))
    bot.chat.groups.set('S0VIEWERS', known(['U0GROUPED']))
    for (const id of ['U0ONCALL1', 'U0ACCOUNT', 'U0VIEWER', 'U0GROUPED'])
      expect(await ask(bot, 'open', { id, name: id })).toMatch(/^Waiting for (you|others):\n/)
    expect(await ask(bot, 'open', VISITOR)).toBe(
      'Only approvers and the viewers of rolemedic.config.json may ask this.',
    )
    bot.chat.groups.set('S0VIEWERS', unknown('the token is gone'))
    expect(await ask(bot, 'audit', VISITOR)).toBe(
      'It cannot be seen whether you may ask this: the token is gone. Try again.',
    )
  })

  it('answers no guest and nobody whose account cannot be read, on whichever list they are', async () => {
    const bot = await botWith()
    bot.chat.memberships.set('U0ONCALL1', known({ kind: 'not-a-member', why: 'this Slack account is a guest' }))
    expect(await ask(bot, 'open')).toBe('You cannot ask this here: this Slack account is a guest.')
    bot.chat.memberships.set('U0ONCALL1', unknown('Slack is down'))
    expect(await ask(bot, 'open')).toBe('Your account in the chat could not be read: Slack is down. Try again.')
  })

  it('explains itself when asked for help, for nothing, or for something it does not have', async () => {
    const bot = await botWith()
    for (const text of ['help', '', 'grant me everything']) expect(await ask(bot, text)).toContain('show ID')
  })
})
