import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { VerifiedPatch } from '../../functions/domain/patch/verification/verification.ts'
import { type Open, type Proposal, postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import { makePropose } from '../../functions/propose/propose.ts'
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
import { alreadyAllowed, type ProposeBench, proposeBench, sampleAnalysis } from './propose-fixture.ts'

const FP = '0123456789abcdef'
const ADA = { by: { id: 'U0ONCALL1', name: 'ada' }, atMs: NOON, limitHours: null, reason: null, signed: null }
const MARK = { after: 'p-earlier', atMs: NOON }
const WHY = "rolemedic's own change p-earlier touched the same role, user or policy after the card was made"
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
  const written = await bench.store.replace(open, { ...open, approvals: [ADA], renewal: MARK })
  if (!written.ok) throw new Error('somebody else wrote')
  return written.value
}

/** Its patch has this digest, and two people are needed. */
function finding(digest: string): Analysis {
  const verification = { ...VERIFICATION, approvers: 2 }
  const patch = { digest, changes: sampleProposal().patch.changes }
  return sampleAnalysis({ patch, verification, verified: { patch, verification } as VerifiedPatch })
}

const wordsOn = (proposal: Proposal): string => {
  const message = bench.slack.messages().find(({ ts }) => ts === postedCardOf(proposal)?.ts)
  return `${JSON.stringify(message?.blocks)}${message?.text}`.replaceAll('"},{"type":"text","text":"', '')
}
const inThreadOf = (proposal: Proposal) =>
  bench.slack
    .messages()
    .filter(({ threadTs }) => threadTs === postedCardOf(proposal)?.ts)
    .flatMap(({ text }) => (text.startsWith('The exact change') ? [] : [text]))

describe('an open card after the bot changed the same role', () => {
  it('stays as it is, with its approvals, when the same patch comes out', async () => {
    const before = await marked()
    expect(await bench.propose(FP)).toEqual({ kind: 'repeated', proposalId: before.id })
    expect(await standing()).toEqual({ ...before, version: before.version + 1, renewal: null })
    expect(bench.audit.map(({ kind }) => kind)).toEqual(['denial-seen', 'proposed'])
    expect(inThreadOf(before)).toEqual([])
    // Seen to: not looked at again.
    const looks = bench.analyzed.length
    await bench.propose(FP)
    expect(bench.analyzed).toHaveLength(looks)
  })

  it('is renewed before it is decided when another patch comes out, and no approval is carried over', async () => {
    const before = await marked()
    bench.finding = finding(OTHER_DIGEST)
    const outcome = await bench.propose(FP)
    const next = await standing()
    expect(outcome).toEqual({ kind: 'posted', proposalId: next.id })
    expect(next).toMatchObject({
      status: 'open',
      approvals: [],
      patch: { digest: OTHER_DIGEST },
      previous: { id: before.id, status: 'stale', why: WHY },
    })
    expect(await bench.store.get(before.id)).toMatchObject({
      status: 'stale',
      failure: { message: WHY },
    })
    expect(bench.audit.map(({ kind }) => kind)).toEqual([
      'denial-seen',
      'proposed',
      'approved',
      'stale',
      'denial-seen',
      'proposed',
    ])
    expect(wordsOn(before)).toContain(`Out of date, nothing was changed:`)
    expect(wordsOn(before)).not.toContain('"action_id":"approve"')
    const about = 'deployer was denied iam:PassRole on app-task'
    expect(inThreadOf(before)).toEqual([`${about}. Out of date, nothing was changed: ${WHY}`])
    expect(wordsOn(next)).toContain('approvals given there do not count here')
  })

  it('ends without another card when the request is allowed now', async () => {
    const before = await marked()
    bench.finding = alreadyAllowed()
    expect(await bench.propose(FP)).toMatchObject({ kind: 'recorded' })
    expect(await bench.store.get(before.id)).toMatchObject({
      failure: { message: `${WHY}, and the request is allowed now` },
    })
    expect(await standing()).toMatchObject({ status: 'closed', card: null })
  })

  it('stays when the account could not be seen well enough', async () => {
    const before = await marked()
    const unseen = { ...alreadyAllowed().diagnosis, verdict: 'not-enough-evidence' as const, cause: 'unknown' as const }
    bench.finding = { ...alreadyAllowed(), diagnosis: unseen }
    expect(await bench.propose(FP)).toEqual({ kind: 'repeated', proposalId: before.id })
    expect(await standing()).toMatchObject({ id: before.id, status: 'open', approvals: [ADA], renewal: null })
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
        if (looks === 1) await bench.store.replace(before, { ...before, approvals: [ADA, ben] })
        return bench.finding
      },
    }
    await makePropose(deps)(FP)
    expect(await standing()).toMatchObject({ status: 'open', approvals: [], patch: { digest: OTHER_DIGEST } })
    expect(bench.audit.filter(({ kind }) => kind === 'approved')).toHaveLength(2)
  })

  it('comes to the same end when the process dies once the old card has ended', async () => {
    const before = await marked()
    bench.finding = finding(OTHER_DIGEST)
    const audit = {
      append: async () => {
        throw new Error('killed')
      },
    }
    await expect(makePropose({ ...bench.deps, audit })(FP)).rejects.toThrow('killed')
    expect(await bench.store.get(before.id)).toMatchObject({ status: 'stale', dueAtMs: NOON + 2 * MINUTE })
    await bench.propose(FP)
    expect(await standing()).toMatchObject({ status: 'open', approvals: [], patch: { digest: OTHER_DIGEST } })
  })
})
