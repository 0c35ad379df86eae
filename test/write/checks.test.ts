import { describe, expect, it } from 'vitest'
import { authorized, CHECKS, type No, type Own } from '../../functions/domain/authority/checks/authority.ts'
import type { GrantInput } from '../../functions/domain/authority/checks/grant.ts'
import type { DecisionNow } from '../../functions/domain/authority/decision.ts'
import { challengeOf, ENROLLMENT } from '../../functions/domain/authority/passkey.ts'
import { statementBytes } from '../../functions/domain/authority/statement.ts'
import { assertionBy, deviceOf, ELEVATED, enrolled, type Made, NO_PASSKEYS, withPasskey } from '../fakes/passkeys.ts'
import { RING, signatureOf } from '../fakes/signing.ts'
import {
  ANA,
  BEN,
  CALLER,
  CONFIG_DIGEST,
  DEPLOYMENT,
  decided,
  granted,
  HOUR,
  MINUTE,
  NOON,
  ONE_CHANGE,
  passRole,
  policy,
  signDecision,
  TWO_CHANGES,
} from './grant-asks.ts'

const OWN: Own = {
  deploymentId: DEPLOYMENT,
  configDigest: CONFIG_DIGEST,
  approvedSets: [],
  passkeys: NO_PASSKEYS,
  keys: RING,
  nowMs: NOON,
}
const OTHER_DIGEST = `sha256:${'d'.repeat(64)}`

type Refused = { readonly input: GrantInput; readonly own?: Partial<Own>; readonly code: string }

const { memberSinceMs: _, ...SINCE_UNKNOWN } = ANA

const DEVICE = deviceOf('Ana')
const SINCE = { deploymentId: DEPLOYMENT, userId: ANA.userId, atMs: 0 }
const KEY = enrolled(DEVICE, SINCE)
const RSA = deviceOf('Ana', 'RS256')
const ED = deviceOf('Ana', 'EdDSA')
const STEP_UP = { own: { passkeys: ELEVATED } }

/** At elevated risk, approved by Ana with what her device signs. */
function elevated({ key = KEY, device = DEVICE, made = {}, facts = {} }: Approved = {}): GrantInput {
  const decision = withPasskey(decided({ risk: 'elevated', ...facts }), device, key, made)
  return granted({ decisions: [decision], attestation: { risk: decision.risk } })
}
type Approved = {
  readonly key?: typeof KEY
  readonly device?: typeof DEVICE
  readonly made?: Partial<Made>
  readonly facts?: Partial<DecisionNow>
}
/** As stored by somebody who holds the key of decisions. */
function swapped(passkey: (before: NonNullable<DecisionNow['passkey']>) => DecisionNow['passkey']): GrantInput {
  const decision = withPasskey(decided({ risk: 'elevated' }), DEVICE, KEY)
  return granted({
    decisions: [{ ...decision, passkey: decision.passkey && passkey(decision.passkey) }],
    attestation: { risk: 'elevated' },
  })
}
const refusedPasskey = (input: GrantInput, code = 'forged', own: Partial<Own> = {}): Refused => ({
  input,
  own: { ...STEP_UP.own, ...own },
  code,
})

/** Approved by as many as are needed, two minutes before noon. */
function atRisk(risk: DecisionNow['risk'], ...people: readonly DecisionNow['by'][]) {
  const approversNeeded = people.length
  return { decisions: people.map(by => ({ by, risk, approversNeeded })), attestation: { risk, approversNeeded } }
}

/** Each is refused by the check that it is listed under, and by no other. */
const REFUSED: { readonly [check: string]: { readonly [what: string]: Refused } } = {
  decisionsAreSigned: {
    'a decision that verify signed': { input: granted({ by: { decisions: 'attestations' } }), code: 'forged' },
    'a decision under a key that was retired more than a day ago': {
      input: granted(),
      own: { keys: RING.map(key => (key.use === 'decisions' ? { ...key, retiredAtMs: NOON - 25 * HOUR } : key)) },
      code: 'forged',
    },
  },
  attestationIsSigned: {
    'an attestation that decide signed': { input: granted({ by: { attestation: 'decisions' } }), code: 'forged' },
    'an attestation under the key of outcomes': { input: granted({ by: { attestation: 'outcomes' } }), code: 'forged' },
  },
  deploymentIsThis: {
    'signatures of another deployment': {
      input: granted(),
      own: { deploymentId: 'aaaaaaaa' },
      code: 'other-deployment',
    },
    'an attestation of another deployment': {
      input: granted({ attestation: { deploymentId: 'aaaaaaaa' } }),
      code: 'other-deployment',
    },
  },
  decisionsApprove: {
    'a revert': { input: granted({ decisions: [{ kind: 'revert' }] }), code: 'not-approved' },
    'a rejection beside an approval': {
      input: granted({ decisions: [{}, { kind: 'reject', by: BEN }] }),
      code: 'not-approved',
    },
  },
  patchIsOne: {
    'documents of another change': { input: { ...granted(), changes: TWO_CHANGES }, code: 'other-change' },
    'an attestation about another change': {
      input: granted({ attestation: { patchDigest: OTHER_DIGEST } }),
      code: 'other-change',
    },
    'an attestation about another proposal': {
      input: granted({ attestation: { proposalId: 'p-2' } }),
      code: 'other-change',
    },
    'decisions about two denials': {
      input: granted({ decisions: [{}, { by: BEN, fingerprint: 'e'.repeat(32) }] }),
      code: 'other-change',
    },
  },
  attestationIsOfTheseDecisions: {
    'an attestation of other decisions': {
      input: granted({ attestation: { decisions: OTHER_DIGEST } }),
      code: 'other-decisions',
    },
    'a decision more than was attested': {
      input: { ...granted(), decisions: [...granted().decisions, signDecision(decided({ by: BEN }))] },
      code: 'other-decisions',
    },
  },
  nothingIsFromTheFuture: {
    'an attestation that was signed for later': {
      input: granted({ attestation: { atMs: NOON + 61_000 } }),
      code: 'from-the-future',
    },
    'a decision and an attestation of tomorrow': {
      input: granted({ decisions: [{ atMs: NOON + 24 * HOUR }], attestation: { atMs: NOON + 24 * HOUR } }),
      code: 'from-the-future',
    },
  },
  decisionsAreYoung: {
    'an approval of yesterday': {
      input: granted({ decisions: [{ atMs: NOON - 24 * HOUR }] }),
      code: 'approval-too-old',
    },
  },
  attestationIsFresh: {
    'an attestation of ten minutes ago': {
      input: granted({ decisions: [{ atMs: NOON - 11 * MINUTE }], attestation: { atMs: NOON - 10 * MINUTE } }),
      code: 'attestation-old',
    },
    'an approval after the attestation': {
      // The clocks of two functions may be a minute apart.
      input: granted({ decisions: [{ atMs: NOON + 1 }] }),
      code: 'attestation-old',
    },
  },
  configurationIsDeployed: {
    'an attestation under another configuration': {
      input: granted({ attestation: { configDigest: OTHER_DIGEST } }),
      code: 'other-configuration',
    },
  },
  endIsAhead: {
    'an end that has passed': { input: granted({ decisions: [{ endsAtMs: NOON }] }), code: 'limit-over' },
  },
  breakGlassIsWhole: {
    'no reason': { input: granted(breakGlass({ reason: ' ' })), code: 'no-reason' },
    'a signer who is not in the list': { input: granted(breakGlass({ by: BEN })), code: 'not-break-glass' },
    'a configuration without it': {
      input: granted({ ...breakGlass(), attestation: { breakGlass: false } }),
      code: 'no-break-glass',
    },
    'no end': { input: granted(breakGlass({ endsAtMs: null })), code: 'break-glass-too-long' },
    'an end after four hours': {
      input: granted(breakGlass({ endsAtMs: NOON - 2 * MINUTE + 4 * HOUR + 1 })),
      code: 'break-glass-too-long',
    },
  },
  approversAreEligible: {
    'somebody who was no approver': {
      input: granted({ decisions: [{ eligible: { approvers: [BEN.userId], breakGlass: [] } }] }),
      code: 'not-an-approver',
    },
  },
  enoughPeople: {
    'one approval where two were signed to be needed': {
      input: granted({ decisions: [{ approversNeeded: 2 }] }),
      code: 'not-enough-approvals',
    },
    'one person twice': {
      input: granted(needsTwo({ by: ANA, atMs: NOON - MINUTE })),
      code: 'not-enough-approvals',
    },
    'at elevated risk, a member for less than a day': {
      input: granted(atRisk('elevated', { ...ANA, memberSinceMs: NOON - 24 * HOUR })),
      code: 'not-enough-approvals',
    },
    'at high risk, somebody of whom nobody knows since when': {
      input: granted(atRisk('high', SINCE_UNKNOWN)),
      code: 'not-enough-approvals',
    },
    'a new member beside one who counts': {
      input: granted(atRisk('elevated', ANA, { ...BEN, memberSinceMs: NOON - HOUR })),
      code: 'not-enough-approvals',
    },
    'two accounts with one e-mail address': {
      input: granted(needsTwo({ by: { ...BEN, email: 'ANA@example.com' } })),
      code: 'not-enough-approvals',
    },
    'the requester as an approver': {
      input: granted({ decisions: [{ requester: { kind: 'person', userId: ANA.userId } }] }),
      code: 'not-enough-approvals',
    },
    'somebody whom the session only claims to be': {
      input: granted({
        decisions: [{ requester: { kind: 'unknown', why: 'w', claimed: 'U0CARL', alsoClaimed: [ANA.userId] } }],
      }),
      code: 'not-enough-approvals',
    },
    'the requester of another of the decisions': {
      input: granted(needsTwo({ by: BEN, requester: { kind: 'person', userId: ANA.userId } })),
      code: 'not-enough-approvals',
    },
    'a requester whom only the analysis of today finds': {
      input: granted({ attestation: { requesters: [ANA.userId] } }),
      code: 'not-enough-approvals',
    },
    'the second account of the requester': {
      input: granted({
        decisions: [
          { requester: { kind: 'person', userId: ANA.userId } },
          { by: { ...BEN, email: ANA.email }, requester: { kind: 'person', userId: ANA.userId } },
        ],
      }),
      code: 'not-enough-approvals',
    },
    'one device of two people, whatever ids it has': {
      input: granted(
        needsTwo(
          withPasskey(
            decided({ by: BEN, approversNeeded: 2 }),
            DEVICE,
            enrolled({ ...DEVICE, credentialId: 'other' }, { ...SINCE, userId: BEN.userId }),
          ),
          withPasskey(decided({ approversNeeded: 2 }), DEVICE, KEY),
        ),
      ),
      code: 'not-enough-approvals',
    },
    'an approval whose own time was over when the last one was given': {
      input: granted(needsTwo({ by: BEN, atMs: NOON - MINUTE }, { atMs: NOON - HOUR, endsAtMs: NOON - 2 * MINUTE })),
      code: 'not-enough-approvals',
    },
  },
  nothingGrew: {
    'a risk that grew': { input: granted({ attestation: { risk: 'elevated' } }), code: 'risk-grew' },
    'a finding that nobody saw': {
      input: granted({ attestation: { findings: ['unseen-layers', 'stronger-role'] } }),
      code: 'risk-grew',
    },
    'an opening that nobody saw': {
      input: granted({ attestation: { blastRadius: ['everybody can become administrator'] } }),
      code: 'risk-grew',
    },
    'a risk above the lowest that one of two saw': {
      input: granted({
        decisions: [{ risk: 'high' }, { by: BEN, risk: 'low' }],
        attestation: { risk: 'elevated' },
      }),
      code: 'risk-grew',
    },
    'two approvals needed today, and one when it was approved': {
      input: granted({ decisions: [{}, { by: BEN }], attestation: { approversNeeded: 2 } }),
      code: 'risk-grew',
    },
  },
  passkeysAreWhole: {
    'an elevated risk without one': refusedPasskey(granted(atRisk('elevated', ANA)), 'no-passkey'),
    'a risk that only the decision has as elevated, without one': refusedPasskey(
      granted({ decisions: [{ risk: 'elevated' }] }),
      'no-passkey',
    ),
    'a break-glass at low risk without one': refusedPasskey(granted(breakGlass()), 'no-passkey'),
    'a grant without an end for a person, without one': refusedPasskey(
      granted({ decisions: [{ requester: { kind: 'person', userId: 'U0ZOE' } }] }),
      'no-passkey',
    ),
    'a grant for a person that ends after more than a week, without one': refusedPasskey(
      granted({ decisions: [{ requester: { kind: 'person', userId: 'U0ZOE' }, endsAtMs: NOON + 8 * 24 * HOUR }] }),
      'no-passkey',
    ),
    'a grant without an end for a machine that verify knows as a person, without one': refusedPasskey(
      granted({ decisions: [{ requester: { kind: 'machine' } }], attestation: { requesters: ['U0ZOE'] } }),
      'no-passkey',
    ),
    'a low risk without one, where each approval needs it': refusedPasskey(granted(), 'no-passkey', {
      passkeys: { ...ELEVATED, needed: 'always' },
    }),
    'one person of two without one': refusedPasskey(
      granted({
        decisions: [withPasskey(decided({ risk: 'high' }), DEVICE, KEY), { by: BEN, risk: 'high' }],
        attestation: { risk: 'high' },
      }),
      'no-passkey',
    ),
    'the passkey of somebody else': refusedPasskey(elevated({ key: enrolled(DEVICE, { ...SINCE, userId: 'U0BEN' }) })),
    'an enrollment in another deployment': refusedPasskey(
      elevated({ key: enrolled(DEVICE, { ...SINCE, deploymentId: 'aaaaaaaa' }) }),
    ),
    'an enrollment that decide signed': refusedPasskey(
      elevated({ key: { ...KEY, signature: signatureOf('decisions', statementBytes(ENROLLMENT, KEY.statement)) } }),
    ),
    'an enrollment under a key that was retired more than a day ago': refusedPasskey(elevated(), 'forged', {
      keys: RING.map(key => (key.use === 'enrollments' ? { ...key, retiredAtMs: NOON - 25 * HOUR } : key)),
    }),
    'another key under the enrollment': refusedPasskey(
      elevated({
        key: { ...KEY, statement: { ...KEY.statement, publicKey: deviceOf('Eve').publicKey } },
        device: deviceOf('Eve'),
      }),
    ),
    'a signature of another device': refusedPasskey(elevated({ device: deviceOf('Eve') })),
    'what was signed for another decision': refusedPasskey(elevated({ made: { challenge: challengeOf(decided()) } })),
    'what was signed on another page': refusedPasskey(elevated({ made: { origin: 'https://abc123.example.com' } })),
    'what was signed within the page of another site': refusedPasskey(
      elevated({ made: { more: { crossOrigin: true } } }),
    ),
    'a key of a parent of the host': refusedPasskey(
      elevated({ made: { rpId: 'execute-api.eu-west-1.amazonaws.com' } }),
    ),
    'a person who was not verified': refusedPasskey(elevated({ made: { flags: 0b001 } })),
    'a person who was not present': refusedPasskey(elevated({ made: { flags: 0b100 } })),
    'the creation of a key instead of its use': refusedPasskey(elevated({ made: { type: 'webauthn.create' } })),
    'the signature of another assertion': refusedPasskey(
      swapped(before => ({ ...before, signature: assertionBy(DEVICE, 'other').signature })),
    ),
    'client data that is not JSON': refusedPasskey(swapped(before => ({ ...before, clientData: 'bm90aGluZw' }))),
    'no bytes of the authenticator': refusedPasskey(swapped(before => ({ ...before, authenticatorData: 'AA' }))),
    'a wrong one where none is needed': refusedPasskey(
      granted({ decisions: [withPasskey(decided(), deviceOf('Eve'), KEY)] }),
    ),
    'a wrong one of an approval whose time was over, which counts for nothing': refusedPasskey(
      granted({
        decisions: [
          withPasskey(decided({ by: BEN, atMs: NOON - HOUR, endsAtMs: NOON - 2 * MINUTE }), deviceOf('Eve'), KEY),
          decided(),
        ],
      }),
    ),
    ...Object.fromEntries(
      [['administrator arn:one'], ['U0CAT', 'U0DAN'], ['U0CAT', 'administrator arn:one']].map(confirmedBy => [
        `a key that ${confirmedBy.join(' and ')} confirmed less than a day before`,
        refusedPasskey(
          elevated({ key: enrolled(DEVICE, { ...SINCE, atMs: NOON - 24 * HOUR, confirmedBy }) }),
          'passkey-not-counted',
        ),
      ]),
    ),
    'a synced key where a device is asked for': refusedPasskey(
      elevated({ key: enrolled(DEVICE, { ...SINCE, isSynced: true }), made: { flags: 0b1101 } }),
      'passkey-not-counted',
      { passkeys: { ...ELEVATED, isDeviceBound: true } },
    ),
    'a person who is not among those that count': refusedPasskey(elevated(), 'passkey-not-counted', {
      passkeys: { ...ELEVATED, people: ['U0BEN', 'U0CAT'] },
    }),
  },
  grammarHolds: {
    'a document that allows everything': {
      input: granted({
        changes: [{ target: CALLER, before: null, after: policy({ ...passRole(), Action: '*', Resource: '*' }) }],
      }),
      code: 'outside-grammar',
    },
  },
}

function breakGlass(facts: Partial<DecisionNow> = {}) {
  const decision = { kind: 'break-glass' as const, reason: 'checkout is down', endsAtMs: NOON + HOUR, ...facts }
  return { decisions: [decision], attestation: { breakGlass: true } }
}

function needsTwo(second: Partial<DecisionNow>, first: Partial<DecisionNow> = {}) {
  return {
    decisions: [
      { approversNeeded: 2, ...first },
      { approversNeeded: 2, ...second },
    ],
    attestation: { approversNeeded: 2 },
  }
}

const cases = Object.entries(REFUSED).flatMap(([check, all]) =>
  Object.entries(all).map(([what, one]) => ({ check, what, ...one })),
)

function refusalsOf({ input, own = {} }: Refused): readonly (readonly [string, No])[] {
  const decisions = input.decisions.map(({ decision }) => decision as DecisionNow)
  return Object.entries(CHECKS).flatMap(([name, check]) => {
    const no = check({ decisions, attested: input.attestation.statement, input, own: { ...OWN, ...own } })
    return no === true ? [] : [[name, no] as const]
  })
}

describe('the checks of write', () => {
  it.each(cases)('$check alone refuses $what', ({ check, code, ...one }) => {
    expect(refusalsOf({ ...one, code }).map(([name, no]) => [name, no.code])).toEqual([[check, code]])
    const read = authorized(one.input, { ...OWN, ...one.own })
    expect(read.ok ? null : read.error.code).toBe(code)
  })

  it('each have a case that passes without the check', () => {
    expect(Object.keys(REFUSED).sort()).toEqual(Object.keys(CHECKS).sort())
  })

  it('ask verify again only where another look can help', () => {
    const again = cases.filter(one => refusalsOf(one).some(([, no]) => no.again)).map(({ check }) => check)
    expect([...new Set(again)]).toEqual(['attestationIsFresh', 'configurationIsDeployed'])
  })
})

const ACCEPTED: { readonly [what: string]: Omit<Refused, 'code'> } = {
  'one approval': { input: granted() },
  'two people where two are needed': { input: granted(needsTwo({ by: BEN })) },
  'fewer findings and openings than were seen': { input: granted({ attestation: { findings: [], blastRadius: [] } }) },
  'an approval of almost a day ago': { input: granted({ decisions: [{ atMs: NOON - 24 * HOUR + 1 }] }) },
  'an attestation of almost ten minutes ago': {
    input: granted({ decisions: [{ atMs: NOON - HOUR }], attestation: { atMs: NOON - 10 * MINUTE + 1 } }),
  },
  'a clock that is 60 s ahead': {
    input: granted({ decisions: [{ atMs: NOON + 60_000 }], attestation: { atMs: NOON + 60_000 } }),
  },
  'break-glass for four hours': { input: granted(breakGlass({ endsAtMs: NOON - 2 * MINUTE + 4 * HOUR })) },
  'break-glass where two are needed': { input: granted(breakGlass({ approversNeeded: 2 })) },
  'a key that was retired less than a day ago': {
    input: granted(),
    own: { keys: RING.map(key => ({ ...key, retiredAtMs: NOON - 23 * HOUR })) },
  },
  'a new member at low risk': { input: granted(atRisk('low', { ...ANA, memberSinceMs: NOON - 3 * MINUTE })) },
  'a member for a day at high risk': {
    input: granted(atRisk('high', { ...ANA, memberSinceMs: NOON - 2 * MINUTE - 24 * HOUR })),
  },
  'a passkey at elevated risk': { input: elevated(), ...STEP_UP },
  'a passkey of RSA': { input: elevated({ device: RSA, key: enrolled(RSA, SINCE) }), ...STEP_UP },
  'a passkey of Ed25519': { input: elevated({ device: ED, key: enrolled(ED, SINCE) }), ...STEP_UP },
  'a passkey with a counter and more flags': {
    input: elevated({ made: { counter: 7, flags: 0b11101 }, key: enrolled(DEVICE, { ...SINCE, isSynced: true }) }),
    ...STEP_UP,
  },
  'a passkey that one person confirmed a day before': {
    input: elevated({
      key: enrolled(DEVICE, { ...SINCE, atMs: NOON - 2 * MINUTE - 24 * HOUR, confirmedBy: ['U0CAT'] }),
    }),
    ...STEP_UP,
  },
  'a passkey that two administrators confirmed just now': {
    input: elevated({
      key: enrolled(DEVICE, {
        ...{ ...SINCE, atMs: NOON - 3 * MINUTE },
        confirmedBy: ['administrator arn:one', 'administrator arn:two'],
      }),
    }),
    ...STEP_UP,
  },
  'a low risk without one': { input: granted(), ...STEP_UP },
  'an end for a person without one': {
    input: granted({ decisions: [{ requester: { kind: 'person', userId: 'U0ZOE' }, endsAtMs: NOON + HOUR }] }),
    ...STEP_UP,
  },
  'an elevated risk without one where none is asked for': { input: granted(atRisk('elevated', ANA)) },
  'an approver beside one who was denied': {
    input: granted({ decisions: [{ requester: { kind: 'person', userId: ANA.userId } }, { by: BEN }] }),
  },
}

describe('authorized', () => {
  it.each(Object.entries(ACCEPTED))('accepts %s', (_, { input, own = {} }) => {
    expect(authorized(input, { ...OWN, ...own })).toMatchObject({ ok: true })
  })

  it('accepts nothing that was signed before decisions said for which deployment they are', () => {
    const { deploymentId: _, ...earlier } = decided()
    const input = {
      ...granted(),
      decisions: [signDecision({ ...earlier, schema: 'rolemedic.decision/1' } as never)],
    }
    expect(authorized(input, OWN)).toMatchObject({ ok: false, error: { code: 'other-deployment', again: false } })
  })

  it('ends what is added at the earliest end that an approver chose', () => {
    const ends = [{ endsAtMs: NOON + 3 * HOUR }, { by: BEN, endsAtMs: NOON + HOUR }]
    const read = authorized(granted({ decisions: ends }), OWN)
    expect(read.ok && read.value.endsAtMs).toBe(NOON + HOUR)
    expect(read.ok && read.value.writes[0]?.after.Statement[0]?.Condition).toEqual({
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
      DateLessThan: { 'aws:CurrentTime': '2026-03-02T13:00:00Z' },
    })
  })

  it('writes trust policies last', () => {
    const read = authorized(granted({ changes: TWO_CHANGES }), OWN)
    expect(read.ok && read.value.writes.map(({ target }) => target.kind)).toEqual([
      'role-inline-policy',
      'role-trust-policy',
    ])
    expect(ONE_CHANGE).toHaveLength(1)
  })
})
