import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  type GuardrailInput,
  PASS,
  REACH_GUARDRAILS,
  refuse,
  warn,
  worst,
} from '../../../core/patch/guardrails/guardrail.ts'
import { checkGuardrails, GUARDRAILS } from '../../../core/patch/guardrails/guardrails.ts'
import { outcome } from '../../fixtures/guardrails.ts'

const idsIn = (part: string) =>
  readdirSync(new URL(`../../../core/patch/guardrails/${part}`, import.meta.url)).map(name => name.replace(/\.ts$/, ''))

describe('the list of guardrails', () => {
  it('has one file for each, named after its id', () => {
    const files = ['document', 'reach', 'subject'].flatMap(idsIn)
    expect(GUARDRAILS.map(rule => rule.id).sort()).toEqual(files.sort())
    expect([...REACH_GUARDRAILS].sort()).toEqual(idsIn('reach').sort())
  })

  it('refuses if a guardrail throws', () => {
    const failing = {
      id: 'failing',
      check: () => {
        throw new Error('out of order')
      },
    }
    expect(checkGuardrails({} as GuardrailInput, [failing])).toEqual([
      {
        id: 'failing',
        finding: { outcome: 'refuse', detail: 'The guardrail failing failed: out of order', owner: null },
      },
    ])
  })

  it.each(GUARDRAILS.map(rule => rule.id))('refuses a patch when %s throws', id => {
    const rule = GUARDRAILS.find(one => one.id === id)
    const poisoned = new Proxy({} as GuardrailInput, {
      get() {
        throw new Error('unreadable')
      },
    })
    expect(checkGuardrails(poisoned, rule === undefined ? [] : [rule])[0]?.finding.outcome).toBe('refuse')
  })

  it('ranks a refusal above any warning, and the first among equals', () => {
    expect(worst([warn('a'), PASS, warn('b', 'high'), refuse('c'), refuse('d'), warn('e', 'high')])).toEqual(
      refuse('c'),
    )
    expect(worst([warn('a'), warn('b', 'high'), warn('c', 'high'), warn('d', 'elevated')])).toEqual(warn('b', 'high'))
    expect(worst([])).toEqual(PASS)
  })

  it('passes an ordinary grant with at most a low warning', () => {
    const ids = GUARDRAILS.map(rule => rule.id)
    expect(ids.filter(id => outcome(id) !== 'pass')).toEqual([])
  })
})
