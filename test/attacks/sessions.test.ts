/** What somebody can do who takes sessions in a row, and chooses what each of them is called. */
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { found } from '../../core/base/fact.ts'
import { chainBehind } from '../../core/denial/index.ts'
import { trailOf } from '../../core/timeline/index.ts'
import { requesterClaim } from '../../functions/domain/authority/requester.ts'
import { configSchema } from '../../functions/domain/config/config.ts'
import { isOwnRequest } from '../../functions/domain/proposal/approval-policy.ts'
import { requesterOf } from '../../functions/workflows/approval/requester-identity.ts'
import { memoryChat } from '../fakes/memory-chat.ts'
import { document, role } from '../fixtures/evaluation.ts'
import { denied } from '../fixtures/events.ts'
import { type Chain, forged, honest } from '../property/chains.ts'
import { attack } from './attack.ts'

const NAMES = ['ada', 'grace', 'linus', 'kim']
const idOf = (name: string): string => `U${name.toUpperCase()}`
const config = configSchema.parse({
  mode: 'approve',
  people: NAMES.flatMap(name => [
    { user: name, account: '111122223333', slack: idOf(name) },
    { session: name, slack: idOf(name) },
  ]),
})
const anybody = document({
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::111122223333:root' },
  Action: 'sts:AssumeRole',
})

/** Who was denied, as the bot takes it from the records of the event history. */
function requesterIn({ denied: record, records }: Pick<Chain, 'denied' | 'records'>) {
  const denial = denied(record)
  const { issued } = trailOf(records, [denial])
  const caller = found(role(denial.principal.roleArn ?? 'arn:aws:iam::111122223333:role/any', anybody))
  return requesterOf(requesterClaim(denial, caller, config, chainBehind(denial, issued)), memoryChat())
}

describe('Somebody who takes sessions in a row', () => {
  attack('S23', async () => {
    const people = honest(3).filter(({ beginner }) => ['user', 'user-session', 'identity-center'].includes(beginner))
    await fc.assert(
      fc.asyncProperty(people, async chain => {
        const requester = await requesterIn(chain)
        expect(isOwnRequest(requester, idOf(chain.name))).toBe(true)
        expect(NAMES.filter(name => isOwnRequest(requester, idOf(name)))).toEqual([chain.name])
      }),
    )
  })
  attack('S24', async () => {
    await fc.assert(
      fc.asyncProperty(forged, async chain => {
        expect((await requesterIn(chain)).kind).toBe('unknown')
      }),
    )
  })
})
