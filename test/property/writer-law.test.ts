/**
 * The law of several abilities, of the process that writes: whatever one function signs, puts and sends with all its permissions together,
 * IAM changes only where two fresh signatures cover it, no proposal is written twice, and no outcome is untrue. What covers a write is
 * said here a second time, without the code of the checks. Each check is removed once, and then a sequence breaks the law.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { DocumentChange } from '../../core/patch/target.ts'
import { CHECKS } from '../../functions/domain/authority/checks/authority.ts'
import { decisionsDigest, type GrantInput } from '../../functions/domain/authority/checks/grant.ts'
import type { DecisionNow } from '../../functions/domain/authority/decision.ts'
import { LEDGER_WRITERS, SENDERS } from '../../infra/names.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { deviceOf, ELEVATED, enrolled, withPasskey } from '../fakes/passkeys.ts'
import {
  ANA,
  BEN,
  CALLER,
  CONFIG_DIGEST,
  DEPLOYMENT,
  decided,
  digestOfChanges,
  type GrantFacts,
  granted,
  HOUR,
  MINUTE,
  NOON,
  ONE_CHANGE,
  passRole,
  policy,
  resumeAsk,
  revertOf,
  takeAwayAsk,
  writeAsk,
} from '../write/grant-asks.ts'
import { type WriteWorld, writeWorld } from '../write/write-world.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 150)

/** Who signs with which key is held to the deployed policies by test/infra. */
const SIGNS: { readonly [role: string]: 'decisions' | 'attestations' } = { decide: 'decisions', verify: 'attestations' }
type Attacker = readonly string[]
/** The last two together: what neither can do alone. */
const ATTACKERS: readonly Attacker[] = [['decide'], ['verify'], ['sweep'], ['decide', 'verify']]

const DEVICE = deviceOf('Ana')
const ENROLLED = enrolled(DEVICE, { deploymentId: DEPLOYMENT, userId: ANA.userId, atMs: 0 })
/** With what Ana's device signs of it. */
const withKey = (facts: Partial<DecisionNow>): DecisionNow => withPasskey(decided(facts), DEVICE, ENROLLED)

const OTHER = `sha256:${'d'.repeat(64)}`
const EVERYTHING: readonly DocumentChange[] = [
  { target: CALLER, before: null, after: policy({ ...passRole(), Action: '*', Resource: '*' }) },
]
const SECOND: readonly DocumentChange[] = [
  { target: CALLER, before: null, after: policy(passRole('0a1b2c3d', 'other')) },
]

/** What can be wrong with a grant: each is one that a check is there for. */
const FORGERIES: { readonly [what: string]: GrantFacts & { readonly swap?: Partial<GrantInput> } } = {
  nothing: {},
  'decisions under another key': { by: { decisions: 'attestations' } },
  'an attestation under another key': { by: { attestation: 'decisions' } },
  'another deployment': { attestation: { deploymentId: 'aaaaaaaa' } },
  'a revert': { decisions: [{ kind: 'revert' }] },
  'other documents': { swap: { changes: SECOND } },
  'other decisions': { attestation: { decisions: OTHER } },
  'the future': { attestation: { atMs: NOON + 2 * MINUTE } },
  'an old decision': { decisions: [{ atMs: NOON - 25 * HOUR }] },
  'an old attestation': { decisions: [{ atMs: NOON - 12 * MINUTE }], attestation: { atMs: NOON - 11 * MINUTE } },
  'another configuration': { attestation: { configDigest: OTHER } },
  'an end that is over': { decisions: [{ endsAtMs: NOON - 1 }] },
  'break-glass without a reason': {
    decisions: [withKey({ kind: 'break-glass', reason: null, endsAtMs: NOON + HOUR })],
    attestation: { breakGlass: true },
  },
  'a person who is no approver': { decisions: [{ eligible: { approvers: [], breakGlass: [] } }] },
  'one person of two': { decisions: [{ approversNeeded: 2 }] },
  'the requester': { decisions: [{ requester: { kind: 'person', userId: ANA.userId } }] },
  'a risk that grew': { decisions: [withKey({})], attestation: { risk: 'high' } },
  'no passkey': { decisions: [{ risk: 'elevated' }], attestation: { risk: 'elevated' } },
  'a person more today': { decisions: [{}, { by: BEN }], attestation: { approversNeeded: 2 } },
  'a new member of the approver group': {
    decisions: [withKey({ by: { ...ANA, memberSinceMs: NOON - HOUR }, risk: 'elevated' })],
    attestation: { risk: 'elevated' },
  },
  everything: { changes: EVERYTHING },
}

function grantOf(what: string): GrantInput {
  const { swap = {}, ...facts } = FORGERIES[what] ?? {}
  return { ...granted(facts), ...swap }
}

/** Whether it covers what it has, at this time: the sentences of the design, not the code of the checks. */
function covers(
  what: string,
  { decisions: signed, attestation: { statement: seen }, changes }: GrantInput,
  nowMs: number,
): boolean {
  const decisions = signed.map(({ decision }) => decision)
  const people = new Set(decisions.map(({ by }) => by.email))
  const denied = decisions.flatMap(({ requester }) => (requester.kind === 'person' ? [requester.userId] : []))
  const digest = digestOfChanges(changes)
  const risks = ['low', 'elevated', 'high']
  const fits = (one: DecisionNow) =>
    one.deploymentId === DEPLOYMENT &&
    one.patchDigest === digest &&
    one.proposalId === seen.proposalId &&
    (one.kind === 'approve' ? one.eligible.approvers : one.eligible.breakGlass).includes(one.by.userId) &&
    (one.kind === 'approve' || (one.kind === 'break-glass' && one.reason !== null && seen.breakGlass)) &&
    nowMs - one.atMs < 24 * HOUR &&
    one.atMs <= seen.atMs + MINUTE &&
    (one.endsAtMs === null || one.endsAtMs > nowMs) &&
    risks.indexOf(one.risk) >= risks.indexOf(seen.risk) &&
    one.approversNeeded >= seen.approversNeeded &&
    !denied.includes(one.by.userId) &&
    (seen.risk === 'low' || (one.by.memberSinceMs === null && one.passkey !== null))
  return (
    FORGERIES[what]?.by === undefined &&
    decisions.every(fits) &&
    people.size >= Math.max(seen.approversNeeded, ...decisions.map(({ approversNeeded }) => approversNeeded)) &&
    seen.deploymentId === DEPLOYMENT &&
    seen.patchDigest === digest &&
    seen.configDigest === CONFIG_DIGEST &&
    seen.decisions === decisionsDigest(decisions) &&
    nowMs - seen.atMs < 10 * MINUTE &&
    seen.atMs <= nowMs + MINUTE &&
    !JSON.stringify(changes).includes('"Action":"*"')
  )
}

/** With which keys the statements are signed, and whether the attacker holds those, or honest people signed exactly this. */
function isMadeBy(what: string, attacker: Attacker): boolean {
  const { by = {} } = FORGERIES[what] ?? {}
  const held = attacker.flatMap(role => SIGNS[role] ?? [])
  if (what === 'nothing') return true
  const needed = [by.decisions ?? 'decisions', by.attestation ?? 'attestations']
  return needed.every(key => held.includes(key as 'decisions'))
}

type Step =
  | { readonly kind: 'send'; readonly what: string }
  | { readonly kind: 'resume' | 'end' | 'revert' | 'removed' | 'rejected' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'put'; readonly key: string; readonly copied: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('send' as const), what: fc.constantFrom(...Object.keys(FORGERIES)) }),
  },
  fc.record({
    kind: fc.constantFrom(
      'resume' as const,
      'end' as const,
      'revert' as const,
      'removed' as const,
      'rejected' as const,
    ),
  }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(MINUTE, 5 * MINUTE, 31 * MINUTE, 25 * HOUR) }),
  fc.record({
    kind: fc.constant('put' as const),
    key: fc.constantFrom(
      ...Object.keys(LEDGER_WRITERS).flatMap(prefix => [
        `${prefix}/${DEPLOYMENT}/p-1`,
        `${prefix}/${DEPLOYMENT}/p-1/0`,
      ]),
    ),
    copied: fc.nat(5),
  }),
)
const sequence = fc.record({
  attacker: fc.constantFrom(...ATTACKERS),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
})

/** Null: the law holds. */
async function brokenBy(
  { attacker, steps }: { readonly attacker: Attacker; readonly steps: readonly Step[] },
  forgotten: string | null = null,
) {
  const world = writeWorld(ONE_CHANGE)
  world.own.passkeys = ELEVATED
  let grants = 0
  let isRejected = false
  for (const one of steps) {
    const before = world.iam.writes.length
    const now = world.clock.nowMs
    const ask = await asked(one, attacker, world)
    if (one.kind === 'rejected') isRejected = true
    for (const key of world.ledger.stored.keys()) if (key.startsWith(`${forgotten}/`)) world.ledger.stored.delete(key)
    if (ask === null) continue
    const outcome = await world.write(ask).catch(() => null)
    const written = world.iam.writes.slice(before)
    const opened = written.filter(({ before: old, after }) => added(after) > added(old))
    grants += opened.length
    if (opened.length > 0 && ask.ask !== 'write') return `${ask.ask} opened something`
    if (opened.length > 0 && ask.ask === 'write' && !covers(one.kind === 'send' ? one.what : '', ask.grant, now))
      return 'nothing fresh covers what was written'
    if (opened.length > 0 && isRejected) return 'it was rejected'
    if (grants > 1) return 'it was written twice'
    const live = world.iam.documents.get(keyOf(CALLER)) ?? null
    if (outcome?.result === 'written' && opened.length > 0 && added(live) === 0) return 'it was not written'
    if (outcome?.result === 'taken-away' && added(live) > 0) return 'it was not taken away'
  }
  return null
}

const added = (document: PolicyDocument | null): number => document?.Statement.length ?? 0

async function asked(one: Step, attacker: Attacker, { clock, iam, ledger }: WriteWorld) {
  const sends = attacker.some(role => (SENDERS.write as readonly string[]).includes(role))
  switch (one.kind) {
    case 'send':
      // Who cannot send has honest people approve, and verify attest.
      if (one.what !== 'nothing' && !(sends && isMadeBy(one.what, attacker)) && !isSignedElsewhere(one.what))
        return null
      return { ...writeAsk(), grant: grantOf(one.what) }
    case 'resume':
      return resumeAsk()
    case 'end':
      return takeAwayAsk()
    case 'revert':
      return takeAwayAsk({ reason: revertOf(ONE_CHANGE, { atMs: clock.nowMs }) })
    case 'removed':
      iam.documents.delete(keyOf(CALLER))
      return null
    case 'wait':
      clock.nowMs += one.ms
      return null
    case 'rejected':
      await ledger.create(`rejected/${DEPLOYMENT}/p-1`, '{}')
      return null
    case 'put': {
      const [prefix = ''] = one.key.split('/')
      const writer: string | null = LEDGER_WRITERS[prefix as keyof typeof LEDGER_WRITERS]
      const texts = [...ledger.stored.keys()].sort()
      const copied = texts[one.copied % Math.max(1, texts.length)]
      if (writer !== null && attacker.includes(writer))
        await ledger.create(one.key, copied === undefined ? '{}' : ledger.textOf(copied))
      return null
    }
  }
}

/** Signed with a key that the attacker may not hold: it is sent anyway, and refused by its signature. */
const isSignedElsewhere = (what: string): boolean => FORGERIES[what]?.by !== undefined

describe('whatever one function does with all its permissions', () => {
  it('IAM changes only where fresh signatures cover it, once, and every outcome is true', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, async one => {
        expect(await brokenBy(one)).toBeNull()
      }),
      { numRuns: RUNS },
    )
  })

  it.each<[string, readonly Step[]]>([
    ['spent', [{ kind: 'send', what: 'nothing' }, { kind: 'removed' }, { kind: 'send', what: 'nothing' }]],
    ['rejected', [{ kind: 'rejected' }, { kind: 'send', what: 'nothing' }]],
  ])('breaks the law where %s/ is forgotten, and not otherwise', async (prefix, steps) => {
    expect(await brokenBy({ attacker: ['sweep'], steps })).toBeNull()
    expect(await brokenBy({ attacker: ['sweep'], steps }, prefix)).not.toBeNull()
  })

  it.each(Object.keys(CHECKS))('breaks the law where %s is removed', async name => {
    const checks = CHECKS as { [name: string]: (typeof CHECKS)[string] }
    const kept = checks[name] ?? expect.fail('no such check')
    checks[name] = () => true
    try {
      const broken = await Promise.all(
        Object.keys(FORGERIES).map(what =>
          brokenBy({ attacker: ['decide', 'verify'], steps: [{ kind: 'send', what }] }),
        ),
      )
      expect(broken.filter(one => one !== null)).not.toEqual([])
    } finally {
      checks[name] = kept
    }
  })
})
