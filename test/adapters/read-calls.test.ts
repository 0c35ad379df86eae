import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { meter } from '../../functions/adapters/aws/iam/read-calls.ts'

const failing =
  (name: string, message = 'no') =>
  () =>
    Promise.reject(Object.assign(new Error(message), { name }))

describe('a read of AWS', () => {
  it('that finds nothing is absent', async () => {
    expect(await meter().ask(1, 'iam:GetRole', failing('NoSuchEntityException'))).toEqual({ kind: 'absent' })
  })

  it('that is refused is unreadable, with the operation and the reason', async () => {
    expect(await meter().ask(1, 'iam:GetRole', failing('AccessDenied', 'no such right'))).toEqual({
      kind: 'unreadable',
      why: 'iam:GetRole was refused: no such right',
    })
  })

  for (const name of ['Throttling', 'ServiceFailure', 'ExpiredToken', 'TypeError', 'CredentialsProviderError'])
    it(`that ends in ${name} is a fault, and neither absent nor unreadable`, async () => {
      await expect(meter().ask(1, 'iam:GetRole', failing(name))).rejects.toThrow(`iam:GetRole failed: ${name}: no`)
    })
})

describe('the count of reads', () => {
  it('takes the longest chain as depth, however many run beside it', async () => {
    const { ask, take } = meter()
    const read = (depth: number) => ask(depth, 'iam:GetRole', () => sleep(5))
    await Promise.all([
      read(1),
      read(1),
      read(1)
        .then(() => Promise.all([read(2), read(2)]))
        .then(() => read(3)),
    ])
    expect(take()).toEqual({ calls: 6, depth: 3 })
    expect(take()).toEqual({ calls: 0, depth: 0 })
  })

  it('adds up the depth of reads that begin when all others have ended', async () => {
    const { ask, take } = meter()
    const read = (depth: number) => ask(depth, 'iam:GetRole', () => sleep(1))
    await read(1).then(() => read(2))
    await Promise.all([read(1), read(1)])
    expect(take()).toEqual({ calls: 4, depth: 3 })
  })
})
