import { describe, expect, it } from 'vitest'
import type { Observer } from '../../functions/ports/observer.ts'
import { consume } from '../../functions/propose/consumer.ts'
import type { Proposed } from '../../functions/propose/plan.ts'

function bench(outcome: () => Promise<Proposed>) {
  const asked: string[] = []
  const logged: string[] = []
  const observer: Observer = { log: (level, message) => void logged.push(`${level}: ${message}`), count: () => {} }
  const announced: string[] = []
  const announce = async (deploy: string) => void announced.push(deploy)
  const reviewed: string[] = []
  const review = async (proposalId: string) => {
    reviewed.push(proposalId)
    return 'quiet' as const
  }
  const suggested: string[] = []
  const suggest = async (proposalId: string) => {
    suggested.push(proposalId)
    return 'counted' as const
  }
  const renewed: string[] = []
  const renew = async (proposalId: string) => {
    renewed.push(proposalId)
    return 'offered' as const
  }
  const looked: string[] = []
  const lookForSuccess = async (proposalId: string) => {
    looked.push(proposalId)
    return 'not-seen' as const
  }
  const first: string[] = []
  const lookFirst = async (fingerprint: string) => {
    first.push(fingerprint)
    return 'posted' as const
  }
  const propose = async (fingerprint: string) => {
    asked.push(fingerprint)
    return outcome()
  }
  const deps = { propose, lookFirst, announce, review, suggest, renew, lookForSuccess, observer }
  return { asked, first, announced, reviewed, suggested, renewed, looked, logged, deps }
}

const posted = async (): Promise<Proposed> => ({ kind: 'posted', proposalId: 'p-1' })

describe('a message of the propose queue', () => {
  it('is proposed by its fingerprint', async () => {
    const { asked, deps } = bench(posted)
    await consume('{"kind":"propose","fingerprint":"0123456789abcdef"}', deps)
    expect(asked).toEqual(['0123456789abcdef'])
  })

  it('of a new denial is looked at first, and nothing is proposed', async () => {
    const { asked, first, deps } = bench(posted)
    await consume('{"kind":"first-look","fingerprint":"0123456789abcdef"}', deps)
    expect({ asked, first }).toEqual({ asked: [], first: ['0123456789abcdef'] })
  })

  it('of a grant is reviewed by its proposal', async () => {
    const { asked, reviewed, deps } = bench(posted)
    await consume('{"kind":"review","proposalId":"p-1"}', deps)
    expect([asked, reviewed]).toEqual([[], ['p-1']])
  })

  it('of a confirmed grant is counted by its proposal', async () => {
    const { reviewed, suggested, deps } = bench(posted)
    await consume('{"kind":"suggest","proposalId":"p-1"}', deps)
    expect([reviewed, suggested]).toEqual([[], ['p-1']])
  })

  it('of a grant that ends soon is renewed by its proposal', async () => {
    const { asked, renewed, deps } = bench(posted)
    await consume('{"kind":"renew","proposalId":"p-1"}', deps)
    expect([asked, renewed]).toEqual([[], ['p-1']])
  })

  it('of an open card is looked up by its proposal', async () => {
    const { asked, looked, deps } = bench(posted)
    await consume('{"kind":"solved","proposalId":"p-1"}', deps)
    expect([asked, looked]).toEqual([[], ['p-1']])
  })

  it('of a failed deploy is announced by the key of the deploy', async () => {
    const { asked, announced, deps } = bench(posted)
    await consume('{"kind":"announce","deploy":"d-1"}', deps)
    expect({ asked, announced }).toEqual({ asked: [], announced: ['d-1'] })
  })

  it.each(['not json', '{}', '{"kind":"apply","proposalId":"p-1"}'])(
    'that reads %s is told and dropped',
    async body => {
      const { asked, logged, deps } = bench(posted)
      await consume(body, deps)
      expect(asked).toEqual([])
      expect(logged).toEqual(['error: message_unreadable'])
    },
  )

  it('that fails is told, and comes again', async () => {
    const { logged, deps } = bench(async () => {
      throw new Error('DynamoDB is away')
    })
    await expect(consume('{"kind":"propose","fingerprint":"0123456789abcdef"}', deps)).rejects.toThrow(
      'DynamoDB is away',
    )
    expect(logged).toEqual(['error: work_failed'])
  })
})
