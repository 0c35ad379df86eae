import { describe, expect, it } from 'vitest'
import { openSpent } from '../../functions/verify/read-ledger.ts'
import { memoryLedger } from '../fakes/memory-ledger.ts'
import { DEPLOYMENT, KEYS } from '../fakes/signing.ts'

describe('an object below spent/ that write did not sign', () => {
  it('is counted and logged with its proposal, and hides no other', async () => {
    const ledger = memoryLedger()
    ledger.plant(`spent/${DEPLOYMENT}/p-planted`, '{"statement":{},"signature":{}}')
    const seen: string[] = []
    const observer = {
      log: (_: string, name: string, { proposalId }: { readonly proposalId?: unknown } = {}) =>
        void seen.push(`${name} ${String(proposalId)}`),
      count: (metric: string) => void seen.push(metric),
    }
    const open = openSpent({ ledger, deploymentId: DEPLOYMENT, keys: KEYS, observer })
    for await (const one of open()) seen.push(one.proposalId)
    expect(seen).toEqual(['spent_foreign p-planted', 'SpentForeign'])
  })
})
