/** "Its cause is fixed" is a promise about the next attempt, so it is made only if every need of that deploy is known to be allowed. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyOf, type Need, world } from './stacks-fixture.ts'

const FIXED = /is fixed/
const L = (role: string): Need => [role, 'lambda']

describe('a deploy whose denial another card holds', () => {
  it('has its own template asked, and the one card holds what both deploys lack', async () => {
    const A = { needs: [L('a')], template: 'readable' } as const
    const B = { needs: [L('a'), L('b'), L('c'), L('d')], template: 'readable' } as const
    const { bot, fail, approve, alertOf } = world({ alpha: A, beta: B }, [])
    await fail('alpha')
    await fail('beta')
    const [card, ...others] = await bot.proposals()
    expect(others).toEqual([])
    expect(card?.template?.needs.map(({ denial }) => denial.resource?.split('/').at(-1))).toEqual(['b', 'c', 'd'])
    await approve('all', 'allowed')
    expect(alertOf('alpha')).toMatch(FIXED)
    expect(alertOf('beta')).toMatch(FIXED)
  })

  it('is asked also where its denial was foreseen, and joins the card', async () => {
    const A = { needs: [L('a'), L('b')], template: 'readable' } as const
    const B = { needs: [L('b'), L('c')], template: 'readable' } as const
    const { bot, fail, approve, alertOf } = world({ alpha: A, beta: B }, [])
    await fail('alpha')
    await fail('beta')
    const [card, ...others] = await bot.proposals()
    expect(others).toEqual([])
    expect(card?.template?.needs.map(({ denial }) => denial.resource?.split('/').at(-1)).toSorted()).toEqual(['b', 'c'])
    expect(card?.deploy?.title).toContain('stack alpha')
    expect(card?.deploy?.title).toContain('stack beta')
    await approve('all', 'allowed')
    expect(alertOf('alpha')).toMatch(FIXED)
    expect(alertOf('beta')).toMatch(FIXED)
  })

  it('is not fixed by the denial alone: the alert counts what is left', async () => {
    const { fail, approve, alertOf } = world({ beta: { needs: [L('a'), L('b'), L('c')], template: 'readable' } }, [])
    await fail('beta')
    await approve('alone', 'allowed')
    expect(alertOf('beta')).toMatch(/^🚨/)
    expect(alertOf('beta')).toContain('Its template passes 2 more roles that it will be denied.')
  })

  it('is not called fixed where its template was not read, or names roles that only the deploy knows', async () => {
    for (const [template, words] of [
      ['unreadable', 'Its template was not read: refused.'],
      ['unnamed', 'Its template passes 1 more role for which it is not known whether it may.'],
    ] as const) {
      const { fail, approve, alertOf } = world({ beta: { needs: [L('a')], template } }, [])
      await fail('beta')
      await approve('all', 'allowed')
      expect(alertOf('beta')).toMatch(
        /^⚠️ Retry the deploy of stack beta: what was denied is granted, but more may be missing\./,
      )
      expect(alertOf('beta')).toContain(words)
    }
  })

  it('is not called fixed where only an attempt shows whether the change helped', async () => {
    const { fail, approve, alertOf } = world({ beta: { needs: [L('a')], template: 'readable' } }, [])
    await fail('beta')
    await approve('all', 'unknown')
    expect(alertOf('beta')).toMatch(/^⚠️/)
  })
})

const need = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('lambda', 'ecs-tasks'))
const stack = fc.record({
  needs: fc.uniqueArray(need, { minLength: 1, maxLength: 4, selector: one => keyOf(one) }),
  template: fc.constantFrom('readable', 'readable', 'readable', 'unreadable', 'unnamed'),
})
const step = fc.oneof(
  fc.record({ kind: fc.constant('fail' as const), name: fc.constantFrom('alpha', 'beta', 'gamma') }),
  fc.record({
    kind: fc.constant('approve' as const),
    what: fc.constantFrom('all', 'all', 'alone'),
    answer: fc.constantFrom('allowed', 'allowed', 'allowed', 'unknown'),
  }),
)

describe('in any order of failures, approvals and partial approvals', () => {
  it('no deploy is called fixed while a need of it is denied or unknown, and some are', async () => {
    let promised = 0
    await fc.assert(
      fc.asyncProperty(
        fc.record({ alpha: stack, beta: stack, gamma: stack }),
        fc.subarray(['a for lambda', 'b for ecs-tasks'], { maxLength: 1 }),
        fc.array(step, { minLength: 2, maxLength: 9 }),
        async (stacks, guarded, steps) => {
          const { fail, approve, alertOf, lacking } = world(stacks, guarded)
          for (const each of steps) {
            if (each.kind === 'fail') await fail(each.name)
            else await approve(each.what, each.answer)
            for (const [name, one] of Object.entries(stacks)) {
              if (alertOf(name)?.match(FIXED) == null) continue
              promised += 1
              expect([name, one.template, lacking(one)]).toEqual([name, 'readable', []])
            }
          }
        },
      ),
      { numRuns: 60 },
    )
    expect(promised).toBeGreaterThan(0)
  })
})
