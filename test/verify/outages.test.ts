/** What a passing fault of one port holds up is done once it is gone, and what does not need the port is done at once. */
import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../core/base/fact.ts'
import { CHAT_OUTAGE } from '../fakes/memory-chat.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { HOUR, inStatus, MINUTE, NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE, TRUST_CHANGE } from '../fakes/two-sided.ts'
import { ONCALL, worldWith } from '../fakes/verify-world.ts'
import { approval, approved, askedToRevert, pressRevert, trail, withdrawing } from './verify-fixture.ts'

describe('a chat that is down while a change is written', () => {
  it('does not keep `verify` from ending the grants that the change has withdrawn', async () => {
    const world = await withdrawing()
    world.chat.down = CHAT_OUTAGE
    await expect(world.process().apply('p-1')).rejects.toThrow('the chat is down')
    expect((await world.get('p-0')).status).toBe('reverted')
    expect(await trail(world)).toEqual(['apply-intended', 'applied', 'apply-intended', 'applied', 'reverted'])
  })
})

describe('a revert that fails while the chat is down', () => {
  it('is shown on the card soon after the chat is back, not only a day later', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    const live = world.process()
    await live.apply('p-1')
    const key = keyOf(IDENTITY_CHANGE.target)
    world.iam.refusals.set(key, { code: 'AccessDenied', message: 'lacks iam:DeleteRolePolicy', retry: false })
    world.chat.down = CHAT_OUTAGE
    await expect(pressRevert(world)).rejects.toThrow('the chat is down')
    world.clock.nowMs += 3 * HOUR
    await live.sweep()
    world.chat.down = null
    world.clock.nowMs += 5 * MINUTE
    await live.sweep()
    expect(await world.card()).toBe('applied left 1 allowed')
    expect(inStatus(await world.get(), 'applied').failure?.message).toContain('lacks iam:DeleteRolePolicy')
    expect(inStatus(await world.get(), 'applied').dueAtMs).toBeGreaterThan(world.clock.nowMs + HOUR)
  })
})

describe('a signed revert while the chat is down', () => {
  it('is done: who pressed it could approve at that moment', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    await world.process().apply('p-1')
    const now = await world.get()
    await world.store.replace(now, askedToRevert(inStatus(now, 'applied'), ONCALL, NOON + 1))
    world.chat.down = CHAT_OUTAGE
    world.chat.memberships.set(ONCALL.id, unknown(CHAT_OUTAGE.message))
    await expect(world.process().revert('p-1')).rejects.toThrow('the chat is down')
    expect(world.iam.documents.has(keyOf(IDENTITY_CHANGE.target))).toBe(false)
    expect((await trail(world)).slice(2)).toEqual(['revert-intended', 'reverted'])
  })

  it('is refused where the chat says that they may not approve any more', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE]))
    await world.process().apply('p-1')
    const now = await world.get()
    await world.store.replace(now, askedToRevert(inStatus(now, 'applied'), ONCALL, NOON + 1))
    world.chat.memberships.set(ONCALL.id, known({ kind: 'not-a-member', why: 'deactivated' }))
    expect(await world.process().revert('p-1')).toBe('failed')
    expect(inStatus(await world.get(), 'applied').failure?.code).toBe('not-an-approver')
  })
})

describe('an address that the chat cannot look up for now', () => {
  const email = { kind: 'email', email: 'dev@example.com' } as const

  it('is asked for again, and the approved change is written then', async () => {
    const world = await worldWith(approved([IDENTITY_CHANGE], { requester: email, approvals: [approval(8)] }))
    world.analyzed.requester = email
    world.chat.emails.set('dev@example.com', unknown('rate limited'))
    await world
      .process()
      .apply('p-1')
      .catch(() => {})
    expect((await world.get()).status).toBe('applying')
    world.chat.emails.set('dev@example.com', known('U0DEV'))
    expect(await world.process().apply('p-1')).toBe('applied')
  })

  it('does not keep a change that is half written from being finished', async () => {
    const world = await worldWith(
      approved([TRUST_CHANGE, IDENTITY_CHANGE], { requester: email, approvals: [approval(8)] }),
    )
    world.analyzed.requester = email
    world.chat.emails.set('dev@example.com', known('U0DEV'))
    let writes = 0
    const killed = world.process((call, moment) => {
      if (call === 'writer.write' && moment === 'after' && ++writes === 1) throw new Error('killed')
    })
    await expect(killed.apply('p-1')).rejects.toThrow('killed')
    world.chat.emails.set('dev@example.com', unknown('missing_scope'))
    expect(await world.process().apply('p-1')).toBe('applied')
  })
})
