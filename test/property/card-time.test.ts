import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { asPlainText } from '../../core/base/rich-text.ts'
import { type Card, type CardContext, cardOf } from '../../functions/domain/card/card.ts'
import { configSchema, PERMANENT } from '../../functions/domain/config/config.ts'
import {
  approvalsNeededWith,
  decide,
  type Eligibility,
  endOf,
  hoursOfChoice,
  permanentNeeded,
  type Requester,
} from '../../functions/domain/proposal/approval-policy.ts'
import {
  type ButtonTarget,
  DECIDING_ACTIONS,
  type DecidingAction,
  parseButtonValue,
} from '../../functions/domain/proposal/click.ts'
import { type Approved, type Open, type Proposal, STATUSES } from '../../functions/domain/proposal/proposal.ts'
import { APPROVE, HOUR, NOON, OUTCOME, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'

const runs = { numRuns: Number(process.env['FC_RUNS'] ?? 200) }
const PEOPLE = ['U0ANA', 'U0BEN', 'U0CAL', 'U0DEE']
const NOW = NOON + HOUR

const setting = fc.record({
  limitedGrantHours: fc.option(fc.integer({ min: 1, max: 168 }), { nil: null }),
  bridgeHours: fc.integer({ min: 1, max: 168 }),
  people: fc.constantFrom(...PERMANENT),
  machines: fc.constantFrom(...PERMANENT),
})
const requester: fc.Arbitrary<Requester> = fc.constantFrom<Requester>(
  { kind: 'machine' },
  { kind: 'person', userId: 'U0JANE' },
  { kind: 'unknown', why: 'nobody knows', claimed: null },
)
const world = fc.record({
  setting,
  requester,
  approvers: fc.constantFrom(1, 2),
  hasCode: fc.boolean(),
  hasLost: fc.boolean(),
})
type World = typeof world extends fc.Arbitrary<infer W> ? W : never

function cardWith({ setting, requester, approvers, hasCode, hasLost }: World, seen?: Proposal, nowMs = NOW) {
  const config = configSchema.parse({
    mode: 'approve',
    ...{ limitedGrantHours: setting.limitedGrantHours, bridgeHours: setting.bridgeHours },
    grants: { permanent: { people: setting.people, machines: setting.machines } },
  })
  const code = { host: 'github.com', repository: 'acme/orders', branch: 'main', paths: ['**'], kind: 'terraform' }
  const proposal =
    seen ??
    sampleProposal({
      requester,
      verification: { ...VERIFICATION, approvers },
      ...(hasCode ? { code } : {}),
      ...(hasLost ? restorable(approvers) : {}),
    } as never)
  const eligibility: Eligibility = {
    membership: known({ kind: 'member' }),
    approver: known(true),
    breakGlass: known(false),
    requester,
    lapsed: [],
    ...{ limitedGrantHours: config.limitedGrantHours, bridgeHours: config.bridgeHours },
    permanent: config.grants.permanent,
    mode: APPROVE,
  }
  const context: CardContext = {
    ...{ config, mode: APPROVE, nowMs, mayApprove: [], requester },
    needed: approvalsNeededWith(proposal, requester, []),
    mayBeEndless: permanentNeeded(config.grants.permanent, requester) !== null,
  }
  return { proposal, eligibility, card: cardOf(proposal, context), context }
}

/** Somebody took the access away; the card offers to give back what was lost, as a change of its own. */
function restorable(approvers: number) {
  const { patch, diagnosis } = sampleProposal()
  const lost = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }] }
  const write = { eventId: 'e-1', atMs: NOON - HOUR, by: null, eventName: 'DeleteRolePolicy', target: 'deployer' }
  const change = { patch: { ...patch, digest: LOST_DIGEST }, verification: { ...VERIFICATION, approvers }, diagnosis }
  return {
    whatChanged: { seenAtMs: NOON, isFinal: true, outcome: 'found', write, lost, othersClosed: false },
    restore: { kind: 'offered', change },
  }
}
const LOST_DIGEST = `sha256:${'1'.repeat(64)}`

type Pressed = { readonly approved: Approved; readonly people: number }

/** Different people press the same button until it is enough. */
function pressed(
  proposal: Proposal,
  eligibility: Eligibility,
  action: DecidingAction,
  { digest, hours }: Pick<ButtonTarget, 'digest' | 'hours'>,
): Pressed | null {
  let current = proposal
  const isEndless = hoursOfChoice(eligibility.requester, eligibility.limitedGrantHours) === null
  for (const [index, id] of PEOPLE.entries()) {
    // The second one approves what the first chose: the card shows nothing else by then.
    const chosen = action !== 'approve-restore' || index === 0
    const same = eligibility.limitedGrantHours === null || isEndless ? 'approve' : 'approve-limited'
    const click = {
      action: chosen ? action : same,
      by: { id, name: id },
      proposalId: proposal.id,
      digest,
      ...(hours === undefined || !chosen ? {} : { hours }),
      reason: null,
    } as const
    const decided = decide(current, click, eligibility, NOW)
    if (decided.kind !== 'approved') return null
    if (decided.next.status === 'approved') return { approved: decided.next, people: index + 1 }
    current = decided.next satisfies Open
  }
  return null
}

/** In hours. Null: without end. */
function timeOnButton(label: string): number | null {
  const hours = /\b(\d{1,3}) h\b/.exec(label)?.[1]
  if (hours === undefined) expect(label).toMatch(/, no end(?: \(\d people\))?$/)
  return hours === undefined ? null : Number(hours)
}

const isApproving = (action: string): action is DecidingAction =>
  DECIDING_ACTIONS.some(one => one === action) && action.startsWith('approve')
const textOf = ({ lines, status }: Card) => [...lines, ...status].map(asPlainText).join('\n')

describe('what a card says about time', () => {
  it('is true of each button, in every configuration and for everybody who was denied', () => {
    const met = new Set<string>()
    fc.assert(
      fc.property(world, one => {
        const { proposal, eligibility, card, context } = cardWith(one)
        for (const { action, label, value, style, confirm } of card.buttons) {
          if (!isApproving(action)) continue
          met.add(action)
          const hours = timeOnButton(label)
          const target = parseButtonValue(value)
          const done = target && pressed(proposal, eligibility, action, target)
          if (done === null) throw new Error(`${label} approves nothing`)
          expect(endOf(done.approved.approvals)).toBe(hours === null ? null : NOW + hours * HOUR)
          expect(done.people).toBe(Number(/\((\d) people\)/.exec(label)?.[1] ?? context.needed))
          if (confirm !== null) expect(confirm.text).toContain(hours === null ? 'stays' : `after ${hours} h`)
          if (style !== 'primary') continue
          expect(textOf(card)).toMatch(hours === null ? /Stays until somebody reverts it/ : `For ${hours} h`)
          if (one.requester.kind !== 'machine' && context.config.limitedGrantHours !== null)
            expect(action).toBe('approve-limited')
        }
      }),
      runs,
    )
    expect([...met].sort()).toEqual(['approve', 'approve-limited', 'approve-restore', 'approve-with-pull'])
  })

  it('offers no grant without end where that is switched off', () => {
    fc.assert(
      fc.property(world, one => {
        const rule = one.requester.kind === 'machine' ? one.setting.machines : one.setting.people
        const offered = cardWith(one).card.buttons.map(({ action }) => action)
        expect(offered.includes('approve')).toBe(rule !== 'never')
      }),
      runs,
    )
  })

  it('says of a grant until when it stands', () => {
    fc.assert(
      fc.property(world, fc.option(fc.integer({ min: 1, max: 168 }), { nil: null }), (one, hours) => {
        const endsAtMs = hours === null ? null : NOW + hours * HOUR
        const granted = sampleProposal({ status: 'applied', applied: { ...OUTCOME, endsAtMs } } as never)
        const text = textOf(cardWith(one, granted).card)
        expect(text).toContain(
          endsAtMs === null
            ? 'It stays until somebody reverts it.'
            : `It ends by itself ${new Date(endsAtMs).toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
        )
      }),
      runs,
    )
  })

  it('puts no end that is over into the future, none that comes into the past, and denies none, in every state', () => {
    const met = new Set<string>()
    const hours = fc.option(fc.integer({ min: 1, max: 20 }), { nil: null })
    fc.assert(
      fc.property(world, fc.constantFrom(...STATUSES), hours, hours, fc.integer({ min: 0, max: 24 }), (...values) => {
        const [one, status, limitHours, keptHours, later] = values
        // Half an hour between: every end is before it or after it.
        const nowMs = NOON + (later + 0.5) * HOUR
        const at = (hour: number | null) => (hour === null ? null : NOON + hour * HOUR)
        const renewedUntilMs = at(keptHours)
        const sample = sampleProposal({ status } as never) as Proposal
        const seen = {
          ...sample,
          ...(status === 'expired' ? { expiresAtMs: NOON } : {}),
          ...('applied' in sample ? { applied: { ...OUTCOME, endsAtMs: at(limitHours) } } : {}),
          ...('approvals' in sample
            ? {
                approvals: sampleProposal({ status: 'approved' }).approvals.map(each => ({
                  ...each,
                  atMs: NOON,
                  limitHours,
                })),
              }
            : {}),
          previous: renewedUntilMs === null ? null : { id: 'p-0', status: 'applied', withdrawn: true, renewedUntilMs },
        } as Proposal
        const text = textOf(cardWith(one, seen, nowMs).card)
        for (const [, words = '', time = ''] of text.matchAll(TIMED)) {
          met.add(words)
          expect(`${words}: ${Date.parse(time.replace(' UTC', 'Z')) > nowMs}`, text).toBe(
            `${words}: ${FUTURE.test(words)}`,
          )
        }
        const isGranted = status === 'applied' || status === 'confirmed'
        if (isGranted) expect(/\bstays until somebody/i.test(text)).toBe(limitHours === null)
        if (keptHours === null || (status !== 'expired' && status !== 'rejected')) return
        expect(text).toContain(keptHours > later ? 'The grant ends 2' : 'The grant ended 2')
        expect(text).not.toMatch(/nothing was changed/i)
      }),
      { numRuns: runs.numRuns * 5 },
    )
    expect(met).toEqual(
      new Set(['ends by itself', 'Ends by itself', 'grant ends', 'This grant ends', 'until', 'ended', 'Expired']),
    )
  })
})

const TIMED = /\b((?:This |)grant ends|[Ee]nds by itself|ended|Expired|until)(?: at)? (\d{4}-\d\d-\d\d \d\d:\d\d UTC)/g
const FUTURE = /ends|until/i
