import { describe, expect, it } from 'vitest'
import { itemOf } from '../../../core/iam/evaluation/access-snapshot.ts'

describe('an item with an ARN', () => {
  const items = [
    { arn: 'arn:a', at: 0 },
    { arn: 'arn:b', at: 1 },
    { arn: 'arn:a', at: 2 },
  ]

  it('is the first of its list, as is one of another list', () => {
    expect(itemOf(items, 'arn:a')?.at).toBe(0)
    expect(itemOf(items, 'arn:b')?.at).toBe(1)
    expect(itemOf([...items].reverse(), 'arn:a')?.at).toBe(2)
  })

  it('is none where the list has no such ARN', () => {
    expect(itemOf(items, 'arn:c')).toBeUndefined()
    expect(itemOf(items, null)).toBeUndefined()
    expect(itemOf([], 'arn:a')).toBeUndefined()
  })
})
