import { describe, expect, it } from 'vitest'
import { outside } from '../../../core/base/rich-text.ts'

describe('a piece of outside text', () => {
  it('is cut between two characters, and never in the middle of one', () => {
    // 600 are shown, the sign of the cut among them: the rocket would be the 599th and the 600th.
    expect(outside(`${'x'.repeat(598)}🚀yy`)).toEqual({ kind: 'outside', text: `${'x'.repeat(598)}…` })
  })
})
