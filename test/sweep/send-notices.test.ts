import { describe, expect, it } from 'vitest'
import type { AuditStep } from '../../functions/domain/audit/audit-entry.ts'
import { NOTICE_DETAILS, type RecordNoticeKind } from '../../functions/domain/audit/notice-details.ts'
import { noticedLog, STEPS, sampleNotices } from '../fakes/noticed-log.ts'
import { NOON } from '../fakes/sample-proposal.ts'
import { ANA } from '../fakes/signed-log.ts'

const step = (kind: string): AuditStep => {
  const found = STEPS[kind]
  if (found === undefined) throw new Error(`no step ${kind}`)
  return found
}
const kindsOf = (notices: readonly { readonly detail: object }[]) =>
  notices.map(({ detail }) => ('kind' in detail ? detail.kind : null))

describe('the notices of the audit log', () => {
  it('are one for each record that has one, in the order of the log', async () => {
    const notices = await sampleNotices()
    expect(kindsOf(notices)).toEqual([
      ...['approved', 'applied', 'reverted', 'expired', 'break-glass', 'ratified', 'not-ratified', 'forged'],
    ])
    for (const { detail } of notices) {
      const { kind } = detail as { readonly kind: RecordNoticeKind }
      // zod drops what a schema does not list.
      expect(NOTICE_DETAILS[kind].parse(detail)).toEqual(detail)
    }
  })

  it('say of a break-glass who, why, the risk, the account and the link', async () => {
    const notice = (await sampleNotices())[4]
    expect(notice?.subject).toBe('rolemedic orders-prod: BREAK-GLASS: approved by one person alone')
    expect(notice?.text).toContain('by Ana (U0ONCALL1)')
    expect(notice?.text).toContain('Reason: production is down')
    expect(notice?.detail).toMatchObject({
      schema: 'rolemedic.notice-break-glass/1',
      key: 'p-1/break-glass/0',
      sequence: 5,
      at: '2026-11-24T12:04:00.000Z',
      accountId: '111122223333',
      accountAlias: 'orders-prod',
      by: { id: 'U0ONCALL1', name: 'Ana' },
      risk: 'low',
      reason: 'production is down',
      link: expect.stringMatching(/^https:/),
    })
  })

  it('are sent once, however often it sweeps', async () => {
    const log = noticedLog()
    await log.send()
    await log.append(step('approved'))
    await log.send()
    await log.send()
    expect(kindsOf(log.notices)).toEqual(['approved'])
  })

  it('wait while the topic is down, and lose none', async () => {
    const log = noticedLog()
    await log.send()
    await log.append(step('approved'))
    await log.append(step('expired'))
    log.topic.down = true
    await expect(log.send()).rejects.toThrow('the topic is down')
    log.topic.down = false
    await log.append(step('forged'))
    await log.send()
    expect(kindsOf(log.notices)).toEqual(['approved', 'expired', 'forged'])
  })

  it('are none of what was recorded before the first sweep', async () => {
    const log = noticedLog()
    await log.append(step('approved'))
    await log.send()
    await log.append(step('forged'))
    await log.send()
    expect(kindsOf(log.notices)).toEqual(['forged'])
  })

  it('go on after fifty', async () => {
    const log = noticedLog()
    await log.send()
    for (let n = 0; n < 51; n += 1) await log.append({ kind: 'forged', n, atMs: NOON, why: 'x' })
    await log.send()
    expect(log.notices).toHaveLength(50)
    await log.send()
    expect(log.notices).toHaveLength(51)
  })

  it.each<[string, AuditStep]>([
    ['an approval without a decision', { kind: 'approved', atMs: NOON, by: ANA, why: 'approved' }],
    ['a break-glass without a decision', { kind: 'break-glass', atMs: NOON, by: ANA, why: 'down' }],
    ['a write that verify did not sign', { kind: 'applied', atMs: NOON, why: 'written' }],
    ['a revert that verify did not sign', { kind: 'reverted', atMs: NOON, by: ANA, why: 'removed' }],
    ['a ratification by somebody whose decision it is not', { ...step('ratified'), by: ANA }],
  ])('say nothing of %s', async (_, bare) => {
    const log = noticedLog()
    await log.send()
    await log.appendBare(bare)
    await log.send()
    expect([log.notices, log.logged]).toEqual([[], ['record_without_signature']])
  })

  it('are not sent for what is no news outside', async () => {
    const log = noticedLog()
    await log.send()
    await log.append({ kind: 'denial-seen', atMs: NOON, why: 'x' })
    await log.append({ kind: 'confirmed', atMs: NOON, why: 'x' })
    await log.send()
    expect([log.notices, log.logged]).toEqual([[], []])
  })
})
