import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import { entryFor } from '../../functions/domain/audit/audit-entry.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { NOON, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'
import { ANNA, BEN, botWith, click, press, VISITOR } from './decide-fixture.ts'

describe('the slash command', () => {
  const ask = async (bot: MemoryBot, text: string, by = ANNA): Promise<string | undefined> => {
    const answer = await makeDecide(bot)({ kind: 'command', origin: FAKE_ORIGIN, by, text })
    return answer.reply?.text
  }

  it('lists what is open', async () => {
    const bot = await botWith()
    expect(await ask(bot, 'open')).toBe(
      'p-1  open, 0 of 1 approved  iam:PassRole  arn:aws:sts::111122223333:assumed-role/deployer/ci-4711 → arn:aws:iam::111122223333:role/app-task  5 min old <https://fake.slack.com/archives/C0DEPLOYS/p1795521600000100>',
    )
    expect(await ask(memoryBot(), ' open ')).toBe('Nothing is open.')
  })

  it('lists and shows without a link what has none: not posted, deleted, or Slack does not say', async () => {
    const bot = await botWith(sampleProposal({ status: 'drafted' }))
    expect(await ask(bot, 'open')).toMatch(/5 min old$/)
    const posted = await botWith()
    posted.chat.links.set('C0DEPLOYS/1795521600.000100', unknown('message_not_found'))
    expect(await ask(posted, 'open')).toMatch(/5 min old$/)
    expect((await ask(posted, 'show p-1'))?.split('\n')[0]).toBe('p-1: open')
  })

  it('says how many have approved, of how many', async () => {
    const bot = await botWith(sampleProposal({ verification: { ...VERIFICATION, approvers: 2 } }))
    await press(bot, click('approve'))
    expect(await ask(bot, 'open')).toMatch(/^p-1 {2}open, 1 of 2 approved {2}iam:PassRole/)
  })

  it('lists no change that is written and only watched, unless a person must look at it', async () => {
    const outcome = { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' as const }
    const written = sampleProposal({ status: 'applied', applied: outcome })
    expect(await ask(await botWith(written), 'open')).toBe('Nothing is open.')
    const failure = { code: 'drift', message: 'Somebody edited it.', owner: null }
    expect(await ask(await botWith({ ...written, failure }), 'open')).toMatch(/^p-1 {2}applied, needs a person {2}/)
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
      expect(await ask(bot, 'open', { id, name: id })).toMatch(/^p-1 {2}open/)
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
