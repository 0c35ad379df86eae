import { describe, expect, it } from 'vitest'
import { editDistance, nameDistance } from '../../../core/base/edit-distance.ts'

describe('the edit distance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['flaw', 'lawn', 2],
    ['app-task', 'app-tsak', 2],
  ])('from %j to %j is %i', (a, b, distance) => {
    expect(editDistance(a, b, 9)).toBe(distance)
  })

  it('is exact up to the limit, and ends at the first row that is beyond it', () => {
    expect(editDistance('kitten', 'sitting', 3)).toBe(3)
    // Whole: 8. Every row from the third on has at least 3.
    expect(editDistance('aaaaaaaa', 'bbbbbbbb', 2)).toBe(3)
  })

  it('is beyond the limit for texts that differ more', () => {
    expect(editDistance('aaaaaaaa', 'bbbbbbbb', 2)).toBeGreaterThan(2)
  })
})

describe('the distance of two names', () => {
  it.each([
    ['app-task', 'app-task', 0],
    ['app-task', 'App-Task', 0.5],
    ['app-task', 'app-tsak', 2],
    // Up to five characters, one edit; from six, two; from twelve, a quarter of the length.
    ['appl', 'bppl', 1],
    ['appls', 'bpplt', null],
    ['applss', 'bpplst', 2],
    ['applss', 'bpplxt', null],
    ['abcdefghijkl', 'xbcdexghijkx', 3],
    ['abcdefghijkl', 'xbcdexghxjkx', null],
    // A prefix may be half of the longer name.
    ['deploy', 'deploy-other', 6],
    ['deploy', 'deploy-others', null],
    ['deploy-other', 'deploy', 6],
    ['abcdefgh', 'xbcdefghijk', null],
  ])('%s and %s is %s', (a, b, distance) => {
    expect(nameDistance(a, b)).toBe(distance)
  })
})
