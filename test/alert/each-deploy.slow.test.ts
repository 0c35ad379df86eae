/** Each failed deploy is its own: its own alert, its own template, and "retry" when its own needs are allowed. */
import { describe, expect, it } from 'vitest'
import { type Need, type Stack, world } from './stacks-fixture.ts'

const L = (role: string): Need => [role, 'lambda']
const stack = (...roles: readonly string[]): Stack => ({ needs: roles.map(L), template: 'readable' })
const headlineOf = (alert: string | null | undefined) => alert?.split('\n')[0]
const FIXED = (name: string) => `✅ Retry the deploy of stack ${name}: its cause is fixed.`
const FAILED = (name: string) => `🚨 The deploy of stack ${name} failed.`

describe('two deploys that fail at once', () => {
  it('by different denials have a card and an alert each, with their own place', async () => {
    const { bot, fail, alertOf } = world({ alpha: stack('a'), beta: stack('b', 'a', 'c') }, [])
    await fail('alpha', { settle: false })
    await fail('beta', { settle: false })
    await bot.settle()
    const cards = bot.cards()
    // Beta is denied b before it gets to a.
    expect(cards).toHaveLength(2)
    const [ofA, ofB] = cards
    expect(ofA).toBe('card open, broke the deploy of stack alpha')
    // The card of b lifts a too.
    expect(ofB?.split('\n').toSorted()).toEqual([
      'card open, broke the deploy of stack beta, and the deploy of stack alpha',
      'the deploy of stack alpha lacks a',
      'the deploy of stack beta lacks b a c',
    ])
    expect(alertOf('alpha')).toContain('iam:PassRole on a (R0.Role')
    expect(alertOf('beta')).toContain('iam:PassRole on b (R0.Role')
    expect(alertOf('alpha')).not.toContain('more role')
  })

  it('by one denial wait for one approval, and each lists its own', async () => {
    const { bot, fail, approve, alertOf } = world({ alpha: stack('a'), beta: stack('a', 'b', 'c') }, [])
    await fail('alpha', { settle: false })
    await fail('beta', { settle: false })
    await bot.settle()
    const [card, ...others] = bot.cards()
    expect(others).toEqual([])
    expect(card?.split('\n').toSorted()).toEqual([
      'card open, broke the deploy of stack beta, and the deploy of stack alpha',
      'the deploy of stack alpha lacks a',
      'the deploy of stack beta lacks a b c',
    ])
    expect(alertOf('alpha')).not.toContain('more role')
    expect(alertOf('beta')).toContain('Its card holds 2 more roles that the deploy will be denied.')
    await approve('alone', 'allowed')
    expect(headlineOf(alertOf('alpha'))).toBe(FIXED('alpha'))
    expect(headlineOf(alertOf('beta'))).toBe(FAILED('beta'))
    expect(alertOf('beta')).toContain('Its template passes 2 more roles that it will be denied.')
    expect(bot.cards()[0]?.split('\n').toSorted().slice(1)).toEqual([
      'the deploy of stack alpha fixed',
      'the deploy of stack beta lacks b c',
    ])
  })
})

describe('a deploy that fails while another one has a card for its denial', () => {
  it('is analyzed with its own template, and the open card then holds both', async () => {
    const { bot, fail, approve, alertOf } = world({ alpha: stack('a', 'b'), beta: stack('a', 'c') }, [])
    await fail('alpha')
    expect(alertOf('alpha')).toContain('Its card holds 1 more role')
    await fail('beta')
    expect(bot.cards()).toHaveLength(1)
    expect(bot.cards()[0]?.split('\n').toSorted().slice(1)).toEqual([
      'the deploy of stack alpha lacks a b',
      'the deploy of stack beta lacks a c',
    ])
    for (const name of ['alpha', 'beta']) expect(alertOf(name)).toContain('Its card holds 1 more role')
    await approve('all', 'allowed')
    for (const name of ['alpha', 'beta']) expect(headlineOf(alertOf(name))).toBe(FIXED(name))
    expect(bot.cards()[0]?.split('\n').toSorted().slice(1)).toEqual([
      'the deploy of stack alpha fixed',
      'the deploy of stack beta fixed',
    ])
  })

  it('does not change what somebody has approved: its alert and the card say what it lacks beyond it', async () => {
    const { bot, fail, approve, approveHalf, alertOf } = world({ alpha: stack('a', 'b'), beta: stack('a', 'c') }, [])
    await fail('alpha')
    const before = (await bot.proposals())[0]?.patch?.digest
    await approveHalf()
    await fail('beta')
    const [card] = await bot.proposals()
    expect(card?.patch?.digest).toBe(before)
    expect(card?.status === 'open' ? card.approvals : []).toHaveLength(1)
    await approve('all', 'allowed')
    expect(headlineOf(alertOf('alpha'))).toBe(FIXED('alpha'))
    expect(headlineOf(alertOf('beta'))).toBe(FAILED('beta'))
    expect(alertOf('beta')).toContain('Its template passes 1 more role that it will be denied.')
    expect(bot.cards()[0]).toContain('the deploy of stack beta lacks c')
  })

  it('names the denial that broke it, also where the card foresaw it for the other one', async () => {
    const { fail, approve, alertOf } = world({ alpha: stack('a', 'b'), beta: stack('b') }, [])
    await fail('alpha')
    await fail('beta')
    expect(alertOf('beta')).toContain('Caused by: stack-exec was denied iam:PassRole on b (R0.Role')
    await approve('alone', 'allowed')
    expect(headlineOf(alertOf('beta'))).toBe(FAILED('beta'))
    expect(alertOf('beta')).toContain('The change on its card does not lift it; the next attempt will be denied again.')
  })

  it('has what another card lacks on its own card, and each is told as the other is lifted', async () => {
    const { bot, fail, approve, alertOf } = world({ alpha: stack('a'), beta: stack('a', 'guarded') }, [
      'guarded for lambda',
    ])
    await fail('alpha')
    await fail('beta')
    await approve('all', 'allowed')
    expect(headlineOf(alertOf('alpha'))).toBe(FIXED('alpha'))
    expect(headlineOf(alertOf('beta'))).toBe(FAILED('beta'))
    expect(bot.cards()[0]).toContain('the deploy of stack beta lacks guarded')
  })
})

describe('one deploy with several events', () => {
  it('of a nested stack is the deploy of its root, once', async () => {
    const child: Stack = { ...stack('a', 'b'), nestedIn: 'parent' }
    const { bot, fail, approve, alertOf } = world({ parent: stack('a', 'c'), child }, [])
    await fail('child', { settle: false, attempt: 'one' })
    await fail('parent', { attempt: 'one' })
    expect(bot.alerts()).toHaveLength(1)
    expect(alertOf('child')).toBe(null)
    expect(alertOf('parent')).toMatch(/^🚨 The deploy of stack parent failed\./)
    await approve('all', 'allowed')
    expect(bot.alerts()).toHaveLength(1)
    expect(headlineOf(alertOf('parent'))).toBe(FIXED('parent'))
  })

  it('is one attempt through its rollback, and cancelled resources are no cause', async () => {
    const { bot, fail, alertOf } = world({ alpha: stack('a') }, [])
    for (const status of [
      'UPDATE_ROLLBACK_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE',
    ])
      await fail('alpha', { attempt: 'one', status })
    expect(bot.alerts()).toHaveLength(1)
    expect(headlineOf(alertOf('alpha'))).toBe(FAILED('alpha'))
    expect(alertOf('alpha')?.match(/Caused by/g)).toHaveLength(1)
    expect(alertOf('alpha')).not.toMatch(/Probably|Bucket|cancelled/)
  })

  it('is retried before the fix on the same alert, and after it on a new one', async () => {
    const { bot, fail, approve } = world({ alpha: stack('a'), beta: stack('a', 'b') }, [])
    await fail('alpha')
    await fail('alpha')
    expect(bot.alerts().map(headlineOf)).toEqual(['🚨 The deploy of stack alpha failed (2 attempts).'])
    await fail('beta')
    await approve('alone', 'allowed')
    await fail('beta')
    expect(bot.alerts().map(headlineOf)).toEqual([FIXED('alpha'), FAILED('beta'), FAILED('beta')])
    expect(bot.alerts()[2]).toContain('Caused by: stack-exec was denied iam:PassRole on b')
  })
})
