import { expect, it } from 'vitest'
import { firstOccurrence, twinOccurrence } from '../../../functions/domain/stored/stored-occurrence.ts'
import { DENIAL, NOON } from '../../fakes/sample-proposal.ts'

it('an occurrence keeps as many ids of corrected records as of repeats', () => {
  let stored = firstOccurrence({ ...DENIAL, id: '0' }, 'f', NOON)
  for (let at = 1; at <= 300; at += 1)
    stored = twinOccurrence(stored, { ...DENIAL, id: `${at}`, corrects: `${at - 1}` }, `${at - 1}`)
  expect(stored.occurrence).toMatchObject({ count: 1, denial: { id: '300' } })
  expect(stored.recentEventIds).toHaveLength(200)
  expect(stored.recentEventIds.at(-1)).toBe('300')
})
