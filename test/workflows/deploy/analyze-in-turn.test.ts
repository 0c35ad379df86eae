import { describe, expect, it } from 'vitest'
import { ABSENT } from '../../../core/base/fact.ts'
import { snapshotReader } from '../../../functions/adapters/files/account-snapshot.ts'
import { analyzeInTurn, readsSince } from '../../../functions/workflows/deploy/analyze-in-turn.ts'
import { DENIAL, NOON } from '../../fakes/sample-proposal.ts'
import { sampleAnalysis } from '../../propose/propose-fixture.ts'

const inAccount = (accountId: string) => ({ ...DENIAL, principal: { ...DENIAL.principal, accountId } })

describe('analyses at once', () => {
  it('run one after another for one account, and beside those of others', async () => {
    const running = new Set<string | null>()
    let most = 0
    const analyze = analyzeInTurn(async denial => {
      const { accountId } = denial.principal
      expect(running.has(accountId)).toBe(false)
      running.add(accountId)
      most = Math.max(most, running.size)
      for (let tick = 0; tick < 5; tick += 1) await null
      running.delete(accountId)
      return sampleAnalysis({ denial })
    })
    const denials = ['1', '2', '1', '2', '1'].map(inAccount)
    const found = await Promise.all(denials.map(denial => analyze(denial, NOON)))
    expect(found.map(({ denial }) => denial.principal.accountId)).toEqual(['1', '2', '1', '2', '1'])
    expect(most).toBe(2)
  })

  it('go on after one that failed', async () => {
    let times = 0
    const analyze = analyzeInTurn(async denial => {
      times += 1
      if (times === 1) throw new Error('IAM is down')
      return sampleAnalysis({ denial })
    })
    const [first, second] = [analyze(DENIAL, NOON), analyze(DENIAL, NOON)]
    await expect(first).rejects.toThrow('IAM is down')
    expect(await second).toMatchObject({ denial: DENIAL })
  })
})

describe('what is read for several analyses', () => {
  function reading() {
    const asked: string[] = []
    const now = { ms: NOON }
    let isDown = false
    const since = readsSince(
      {
        ...snapshotReader({ files: [] }),
        async role({ name }, scope = 'whole') {
          asked.push(`${name} ${scope}`)
          if (isDown) throw new Error('IAM is down')
          return ABSENT
        },
      },
      () => now.ms,
    )
    const role = (sinceMs: number, name = 'deployer') => since(sinceMs).role({ accountId: '111122223333', name })
    return {
      ...{ asked, now, role },
      down(is: boolean) {
        isDown = is
      },
    }
  }

  it('is read once, if it is read after the time of each', async () => {
    const { asked, now, role } = reading()
    await Promise.all([role(NOON - 2), role(NOON - 1), role(NOON)])
    now.ms += 10_000
    await role(NOON)
    expect(asked).toEqual(['deployer whole'])
  })

  it('is read again for what is asked later, and for something else', async () => {
    const { asked, now, role } = reading()
    await role(NOON)
    now.ms += 1
    await role(NOON + 1)
    await role(NOON)
    await role(NOON, 'other')
    expect(asked).toEqual(['deployer whole', 'deployer whole', 'other whole'])
  })

  it('is read again after a fault', async () => {
    const { asked, role, down } = reading()
    down(true)
    await expect(role(NOON)).rejects.toThrow('IAM is down')
    down(false)
    expect(await role(NOON)).toEqual(ABSENT)
    expect(asked).toHaveLength(2)
  })
})
