/** Who is behind a denied call, by the records that issued its key: proved only along an unbroken chain. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { issuedKeyIn, runBehind } from '../../core/denial/index.ts'
import type { Run } from '../../core/runs/index.ts'
import { trailOf } from '../../core/timeline/index.ts'
import { denied as denialIn } from '../fixtures/events.ts'
import { type Beginner, type Chain, forged, honest } from './chains.ts'

function runOf({ denied, records }: Pick<Chain, 'denied' | 'records'>): Run | null {
  return runBehind(denied, null, trailOf(records, [denialIn(denied)]).issued)
}

const KINDS: { readonly [beginner in Beginner]: string | null } = {
  ...{ user: 'user', 'user-session': 'user', federation: 'user', saml: 'saml', 'people-token': 'web-identity' },
  ...{ 'build-token': null, 'identity-center': 'identity-center', service: null, root: 'root' },
}

const CHAINS = { numRuns: Math.max(1_000, Number(process.env['FC_RUNS'] ?? 0)) }

describe('a chain of records', () => {
  it('proves the one who began it, and names every record of it', () => {
    fc.assert(
      fc.property(honest(3), chain => {
        const run = runOf(chain)
        const kind = KINDS[chain.beginner]
        const name = chain.beginner === 'root' ? 'root' : chain.name
        expect(run?.person ?? null).toEqual(kind === null ? null : { name, kind, proved: true })
        expect(run?.chain ?? []).toEqual(chain.issued)
        if (chain.beginner === 'build-token') {
          expect(run).toMatchObject({
            tool: 'github-actions',
            repository: `acme/${chain.name}`,
            ref: 'refs/heads/main',
          })
          expect(run?.claimed).not.toContain('repository')
        }
        if (chain.beginner === 'service')
          expect(run).toMatchObject({ tool: 'codebuild', claimed: expect.not.arrayContaining(['tool', 'id']) })
      }),
      CHAINS,
    )
  })

  it('that lies proves nobody', () => {
    fc.assert(
      fc.property(forged, chain => {
        expect(runOf(chain)?.person ?? null).toBe(null)
      }),
      CHAINS,
    )
  })

  it('ends after four records', () => {
    const long = honest(6).filter(({ issued, beginner }) => issued.length > 4 && beginner !== 'user-session')
    fc.assert(
      fc.property(long, chain => {
        expect(runOf(chain)?.person ?? null).toBe(null)
      }),
    )
  })

  it('is read from any value', () => {
    fc.assert(fc.property(fc.anything(), value => void issuedKeyIn(value)))
  })
})
