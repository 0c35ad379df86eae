import { describe, expect, it } from 'vitest'
import { similarRoles } from '../../../core/access/similar-roles.ts'
import { cpuMs } from '../../cpu-time.ts'

const arn = (name: string) => `arn:aws:iam::111122223333:role/${name}`
const listed = (arns: readonly string[]) => arns.map(one => ({ arn: one }))

describe('near names', () => {
  const EXISTING = [
    arn('orders-task'),
    arn('app/orders-task'),
    arn('Orders-Task'),
    arn('orders-task-prod'),
    arn('billing'),
  ]

  it('puts the same name on another path first, then another case, then another suffix', () => {
    expect(similarRoles(arn('web/orders-task'), listed(EXISTING))).toEqual([
      arn('app/orders-task'),
      arn('orders-task'),
      arn('Orders-Task'),
      arn('orders-task-prod'),
    ])
  })

  it('finds a typo', () => {
    expect(similarRoles(arn('oders-task'), listed([arn('orders-task'), arn('orders-exec')]))).toEqual([
      arn('orders-task'),
    ])
  })

  it('finds nothing where nothing is near', () => {
    expect(similarRoles(arn('payments'), listed(EXISTING))).toEqual([])
    expect(similarRoles('*', listed(EXISTING))).toEqual([])
    expect(similarRoles(arn('nope'), listed([arn('ops'), arn('node')]))).toEqual([arn('node')])
  })

  it('puts the closest first, and equally close ones by their ARN, in whatever order they come', () => {
    const [near, a, b] = [arn('orders-tasks'), arn('orders-taskab'), arn('orders-taskba')]
    const expected = [near, a, b]
    expect(similarRoles(arn('orders-task'), listed([b, a, near]))).toEqual(expected)
    expect(similarRoles(arn('orders-task'), listed([near, b, a]))).toEqual(expected)
    expect(similarRoles(arn('orders-task'), listed([a, near, b]))).toEqual(expected)
  })

  it('gives ten at most, and is quick in a large account', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => arn(`service-role-number-${index}`))
    const startMs = cpuMs()
    expect(similarRoles(arn('service-role-number-x'), listed(many))).toHaveLength(10)
    expect(cpuMs() - startMs).toBeLessThan(1_000)
  })
})
