import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { VerifiedPatch } from '../../core/patch/verification/verification.ts'
import { type Open, type Proposal, postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import { makePropose } from '../../functions/propose/propose.ts'
import { refreshCard } from '../../functions/workflows/card/refresh-card.ts'
import type { Analysis } from '../../functions/workflows/denial/analyze-denial.ts'
import {
  DIGEST,
  inStatus,
  MINUTE,
  movedTo,
  NOON,
  OTHER_DIGEST,
  sampleProposal,
  VERIFICATION,
} from '../fakes/sample-proposal.ts'
import { decisionAbout, signedBy } from '../fakes/signing.ts'
import { alreadyAllowed, notOurs, type ProposeBench, proposeBench, sampleAnalysis } from './propose-fixture.ts'

const FP = '0123456789abcdef'
const ADA = { by: { id: 'U0ONCALL1', name: 'ada' }, atMs: NOON, limitHours: null, reason: null }
const MARK = { after: 'p-earlier', atMs: NOON }
let bench: ProposeBench

beforeEach(async () => {
  bench = await proposeBench()
})
afterEach(() => bench.slack.close())

async function standing(): Promise<Proposal> {
  const proposal = await bench.store.get((await bench.store.occurrence(FP))?.proposalId ?? '')
  if (proposal === null) throw new Error('no proposal stands')
  return proposal
}

/** One of two has approved, and then the bot changes the same role for another card. */
async function marked(): Promise<Open> {
  bench.finding = finding(DIGEST)
  await bench.recordOccurrence(FP, NOON - MINUTE)
  await bench.propose(FP)
  const open = inStatus(await standing(), 'open')
  const written = await bench.store.replace(open, { ...open, approvals: [signedFor(open)], renewal: MARK })
  if (!written.ok) throw new Error('somebody else wrote')
  return written.value
}

const signedFor = (open: Open, one = ADA) => ({
  ...one,
  signed: signedBy(decisionAbout(open, { ...one, kind: 'approve' })),
})

/** An analysis whose patch has this digest and needs two people. */
function finding(digest: string): Analysis {
  const verification = { ...VERIFICATION, approvers: 2 }
  const patch = { digest, changes: sampleProposal().patch.changes }
  return sampleAnalysis({ patch, verification, verified: { patch, verification } as VerifiedPatch })
}

const wordsOn = (proposal: Proposal): string => {
  const message = bench.slack.messages().find(({ ts }) => ts === postedCardOf(proposal)?.message)
  return `${JSON.stringify(message?.blocks)}${message?.text}`.replaceAll('"},{"type":"text","text":"', '')
}
const inThreadOf = (proposal: Proposal) =>
  bench.slack
    .messages()
    .filter(({ threadTs }) => threadTs === postedCardOf(proposal)?.message)
    .flatMap(({ text }) => (text.startsWith('The exact change') ? [] : [text]))

describe('an open card after the bot changed the same role', () => {
  it('stays as it is, with its approvals, when the same patch comes out', async () => {
    const before = await marked()
    expect(await bench.propose(FP)).toEqual({ kind: 'repeated', proposalId: before.id })
    expect(await standing()).toEqual({ ...before, version: before.version + 1, renewal: null })
    expect(bench.audit.map(({ kind }) => kind)).toEqual(['denial-seen', 'proposed'])
    expect(inThreadOf(before)).toEqual([])
    // Already analyzed, so not analyzed again.
    const looks = bench.analyzed.length
    await bench.propose(FP)
    expect(bench.analyzed).toHaveLength(looks)
  })

  it('shows another patch in place: the same message, a new digest, and no approval counts any more', async () => {
    const before = await marked()
    const posted = bench.slack.messages().length
    bench.finding = finding(OTHER_DIGEST)
    expect(await bench.propose(FP)).toEqual({ kind: 'repeated', proposalId: before.id })
    const next = inStatus(await standing(), 'open')
    expect(next).toMatchObject({
      id: before.id,
      card: before.card,
      approvals: [],
      renewal: null,
      patch: { digest: OTHER_DIGEST },
      changed: { times: 1, because: 'approval', dropped: [ADA.by], atMs: NOON },
      previous: null,
    })
    // Recorded before the item is written: the lost approval, and the new proposal.
    expect(bench.audit.map(({ kind, digest }) => [kind, digest])).toEqual([
      ['denial-seen', DIGEST],
      ['proposed', DIGEST],
      ['approved', DIGEST],
      ['proposed', OTHER_DIGEST],
    ])
    expect(bench.audit.at(-1)?.why).toMatch(/^Changed after another approval: 1 earlier approval no longer counts\. /)
    const words = wordsOn(next)
    expect(words).toContain('Changed after another approval: 1 earlier approval no longer counts.')
    expect(words).toContain(`"value":"${before.id}:${OTHER_DIGEST}"`)
    expect(words).not.toContain(DIGEST)
    // The thread gets the new change and who lost an approval; the channel gets nothing new.
    const later = bench.slack.messages().slice(posted)
    expect(later.map(({ threadTs }) => threadTs)).toEqual([before.card.message, before.card.message])
    expect(inThreadOf(before)).toEqual([
      expect.stringContaining('1 earlier approval no longer counts. Read the card again.'),
    ])
    expect(JSON.stringify(later)).toContain('"user_id":"U0ONCALL1"')
    // Already analyzed, so not analyzed again.
    const looks = bench.analyzed.length
    await bench.propose(FP)
    expect(bench.analyzed).toHaveLength(looks)
  })

  it('names nobody in the log or the chat who did not sign', async () => {
    const before = await marked()
    const mallory = { ...ADA, by: { id: 'U0MALLORY', name: 'mallory' }, signed: null }
    const approvals = [mallory, { ...signedFor(before), by: mallory.by }, signedFor(before)]
    await bench.store.replace(before, { ...before, approvals })
    bench.finding = finding(OTHER_DIGEST)
    await bench.propose(FP)
    expect(await standing()).toMatchObject({ approvals: [], changed: { dropped: [ADA.by] } })
    expect(bench.audit.filter(({ kind }) => kind === 'approved')).toMatchObject([{ by: ADA.by }])
    expect(JSON.stringify(bench.slack.messages())).not.toContain('U0MALLORY')
  })

  it('says that a revert has changed it', async () => {
    await marked()
    await bench.store.create({ ...sampleProposal({ status: 'reverted', id: 'p-earlier' }), fingerprint: 'another' })
    bench.finding = finding(OTHER_DIGEST)
    await bench.propose(FP)
    expect(wordsOn(await standing())).toContain('Changed after another change was reverted: 1 earlier approval')
  })

  it('becomes information in place when no safe change is left', async () => {
    const before = await marked()
    bench.finding = { ...notOurs(), diagnosis: { ...notOurs().diagnosis, verdict: 'proved' } }
    expect(await bench.propose(FP)).toEqual({ kind: 'repeated', proposalId: before.id })
    const next = inStatus(await standing(), 'closed')
    expect(next).toMatchObject({ id: before.id, card: before.card, patch: null, changed: { dropped: [ADA.by] } })
    expect(wordsOn(next)).not.toContain('"action_id":"approve"')
    expect(bench.audit.map(({ kind }) => kind)).toEqual(['denial-seen', 'proposed', 'approved', 'refused'])
  })

  it('ends without another card when the request is allowed now', async () => {
    const before = await marked()
    bench.finding = alreadyAllowed()
    expect(await bench.propose(FP)).toMatchObject({ kind: 'recorded' })
    expect(await bench.store.get(before.id)).toMatchObject({ status: 'stale', failure: { code: 'allowed-meanwhile' } })
    expect(wordsOn(before)).toContain('Nothing to approve any more.')
    expect(await standing()).toMatchObject({ status: 'closed', card: null })
  })

  it('stays when the account could not be seen well enough', async () => {
    const before = await marked()
    const unseen = { ...alreadyAllowed().diagnosis, verdict: 'not-enough-evidence' as const, cause: 'unknown' as const }
    bench.finding = { ...alreadyAllowed(), diagnosis: unseen }
    expect(await bench.propose(FP)).toEqual({ kind: 'repeated', proposalId: before.id })
    expect(await standing()).toMatchObject({
      id: before.id,
      status: 'open',
      approvals: [signedFor(before)],
      renewal: null,
    })
  })

  it('that is decided during the sampleAnalysis keeps its decision', async () => {
    const before = await marked()
    bench.finding = finding(OTHER_DIGEST)
    const deps = {
      ...bench.deps,
      analyze: async () => {
        await bench.store.replace(before, movedTo(before, { status: 'rejected' }))
        return bench.finding
      },
    }
    await makePropose(deps)(FP)
    expect(await standing()).toMatchObject({ id: before.id, status: 'rejected' })
  })

  it('that gets another approval during the analysis is still renewed, and that approval is on record', async () => {
    const before = await marked()
    bench.finding = finding(OTHER_DIGEST)
    const ben = { ...ADA, by: { id: 'U0ONCALL2', name: 'ben' } }
    let looks = 0
    const deps = {
      ...bench.deps,
      analyze: async () => {
        looks += 1
        if (looks === 1)
          await bench.store.replace(before, { ...before, approvals: [signedFor(before), signedFor(before, ben)] })
        return bench.finding
      },
    }
    await makePropose(deps)(FP)
    expect(await standing()).toMatchObject({ status: 'open', approvals: [], patch: { digest: OTHER_DIGEST } })
    expect(bench.audit.filter(({ kind }) => kind === 'approved')).toHaveLength(2)
  })

  it('comes to the same end when its process dies at any step', async () => {
    let kills = 0
    for (let n = 1; ; n += 1) {
      await bench.slack.close()
      bench = await proposeBench()
      const before = await marked()
      bench.finding = finding(OTHER_DIGEST)
      let calls = 0
      const dying = <T extends object>(port: T): T =>
        new Proxy(port, {
          get: (target, name) => {
            const member: unknown = Reflect.get(target, name)
            if (typeof member !== 'function') return member
            return async (...given: unknown[]) => {
              calls += 1
              if (calls === n) throw new Error('killed')
              return member.apply(target, given)
            }
          },
        })
      const { deps } = bench
      const dies = { ...deps, store: dying(deps.store), chat: dying(deps.chat), audit: dying(deps.audit) }
      await makePropose(dies)(FP).catch(String)
      if (calls < n) break
      kills += 1
      await bench.propose(FP)
      bench.setNow(NOON + 3 * MINUTE)
      await refreshCard(before.id, deps)
      expect(await standing(), `killed at call ${n}`).toMatchObject({
        id: before.id,
        status: 'open',
        approvals: [],
        patch: { digest: OTHER_DIGEST },
        changed: { times: 1 },
      })
      expect(bench.audit.map(({ kind }) => kind).join(), `killed at call ${n}`).toBe(
        'denial-seen,proposed,approved,proposed',
      )
      expect(wordsOn(before), `killed at call ${n}`).toContain(`"value":"${before.id}:${OTHER_DIGEST}"`)
      expect(inThreadOf(before), `killed at call ${n}`).toHaveLength(1)
    }
    expect(kills).toBeGreaterThan(8)
  })
})
