import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Examined } from '../../../functions/core/patch/guardrail.ts'
import { checkGuardrails, GUARDRAILS } from '../../../functions/core/patch/guardrails.ts'
import { outcome } from './guardrails/scene.ts'

describe('the list of guardrails', () => {
  it('has one file for each, named by its id', () => {
    const files = readdirSync(new URL('../../../functions/core/patch/guardrails', import.meta.url)).map(name =>
      name.replace(/\.ts$/, ''),
    )
    expect(GUARDRAILS.map(rule => rule.id).sort()).toEqual(files.sort())
  })

  it('refuses what a rule failed to check', () => {
    const failing = {
      id: 'failing',
      check: () => {
        throw new Error('out of order')
      },
    }
    expect(checkGuardrails({} as Examined, [failing])).toEqual([
      { id: 'failing', finding: { outcome: 'refuse', detail: 'The rule failing failed: out of order', owner: null } },
    ])
  })

  it.each(GUARDRAILS.map(rule => rule.id))('refuses a patch when %s throws', id => {
    const rule = GUARDRAILS.find(one => one.id === id)
    const poisoned = new Proxy({} as Examined, {
      get() {
        throw new Error('unreadable')
      },
    })
    expect(checkGuardrails(poisoned, rule === undefined ? [] : [rule])[0]?.finding.outcome).toBe('refuse')
  })

  it('lets an ordinary grant through with no more than a note', () => {
    const ids = GUARDRAILS.map(rule => rule.id)
    expect(ids.filter(id => outcome(id) !== 'pass')).toEqual([])
  })
})
