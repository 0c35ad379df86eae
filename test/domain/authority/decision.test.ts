import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Decision,
  type EarlierDecision,
  type SignedDecision,
  signedDecisionSchema,
} from '../../../functions/domain/authority/earlier-decision.ts'
import {
  decisionBytes,
  type KeyRing,
  publicKeyOf,
  signedBytes,
  verifyDecision,
} from '../../../functions/domain/authority/statement.ts'

const pair = (namedCurve = 'prime256v1') => generateKeyPairSync('ec', { namedCurve })
const der = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).toString('base64')
const decide = pair()
const apply = pair()
const decisions = publicKeyOf('decisions', der(decide.publicKey))
const audit = publicKeyOf('audit', der(apply.publicKey))
const RING: KeyRing = [decisions, audit]

const APPROVAL: EarlierDecision = {
  schema: 'rolemedic.decision/1',
  kind: 'approve',
  proposalId: 'p-1',
  patchDigest: `sha256:${'a'.repeat(64)}`,
  fingerprint: '0123456789abcdef',
  requester: { kind: 'machine' },
  by: { userId: 'U0ONCALL1', teamId: 'T0ACME', name: 'ada' },
  risk: 'low',
  approversNeeded: 1,
  endsAtMs: null,
  reason: null,
  configDigest: `sha256:${'b'.repeat(64)}`,
  atMs: 1_764_000_000_000,
}

const withoutSchema = ({ schema: _, ...facts }: EarlierDecision) => facts

const signed = (decision: Decision, key = decide.privateKey, keyId = decisions.keyId): SignedDecision => ({
  decision,
  signature: { keyId, value: sign('sha256', decisionBytes(decision), key).toString('base64') },
})

/** As it is read again. */
const decisionOf = (facts: Omit<EarlierDecision, 'schema'>): Decision =>
  signedDecisionSchema.parse(signed({ schema: 'rolemedic.decision/1', ...facts })).decision

describe('a decision', () => {
  it('that decide signed is taken for what it says', () => {
    expect(verifyDecision(signed(APPROVAL), RING)).toEqual({ ok: true, value: APPROVAL })
  })

  it.each<[string, Partial<EarlierDecision>]>([
    ['another patch', { patchDigest: `sha256:${'c'.repeat(64)}` }],
    ['another person', { by: { ...APPROVAL.by, userId: 'U0ONCALL2' } }],
    ['another proposal', { proposalId: 'p-2' }],
    ['no end', { endsAtMs: 1 }],
    ['another kind', { kind: 'revert' }],
    ['a requester who is nobody', { requester: { kind: 'person', userId: 'U0ONCALL1' } }],
  ])('is refused when it was changed to %s', (_, change) => {
    const { signature } = signed(APPROVAL)
    expect(verifyDecision({ decision: { ...APPROVAL, ...change }, signature }, RING).ok).toBe(false)
  })

  it('names people of any chat, with ids of up to 64 characters', () => {
    const by = (userId: string) => decisionOf({ ...withoutSchema(APPROVAL), by: { ...APPROVAL.by, userId } })
    const longest = '29:1-'.padEnd(64, 'x')
    expect(verifyDecision(signed(by(longest)), RING)).toMatchObject({ ok: true, value: { by: { userId: longest } } })
    expect(signedDecisionSchema.safeParse(signed(by(longest))).success).toBe(true)
    expect(() => by(`${longest}x`)).toThrow()
  })

  it('is refused when another key signed it, under whatever name', () => {
    const stranger = pair()
    expect(verifyDecision(signed(APPROVAL, stranger.privateKey), RING).ok).toBe(false)
    const listed = publicKeyOf('decisions', der(stranger.publicKey))
    expect(verifyDecision(signed(APPROVAL, stranger.privateKey, listed.keyId), RING).ok).toBe(false)
    // A ring in which the stranger's key has the name of the right one.
    const swapped = [{ ...listed, keyId: decisions.keyId }]
    expect(verifyDecision(signed(APPROVAL, stranger.privateKey), swapped).ok).toBe(false)
  })

  it('is refused when the key of the audit log signed it', () => {
    expect(verifyDecision(signed(APPROVAL, apply.privateKey, audit.keyId), RING).ok).toBe(false)
    const both = [...RING, { ...audit, use: 'decisions' as const }]
    expect(verifyDecision(signed(APPROVAL, apply.privateKey, audit.keyId), both).ok).toBe(true)
  })

  it('is refused when its signature was made for another kind of statement', () => {
    const value = sign('sha256', signedBytes('rolemedic.audit/2', APPROVAL), decide.privateKey).toString('base64')
    const other = { decision: APPROVAL, signature: { keyId: decisions.keyId, value } }
    expect(verifyDecision(other, RING).ok).toBe(false)
  })

  it('is refused with a key on another curve', () => {
    const other = pair('secp384r1')
    const key = publicKeyOf('decisions', der(other.publicKey))
    expect(verifyDecision(signed(APPROVAL, other.privateKey, key.keyId), [key]).ok).toBe(false)
  })

  it('never throws, whatever stands where the signature should', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (keyId, value) => {
        const ring = [{ ...decisions, keyId, publicKey: value }]
        expect(verifyDecision({ decision: APPROVAL, signature: { keyId, value } }, ring).ok).toBe(false)
      }),
    )
  })

  it('is refused with a key that is none, under its own fingerprint', () => {
    const none = publicKeyOf('decisions', Buffer.from('no key').toString('base64'))
    expect(verifyDecision(signed(APPROVAL, decide.privateKey, none.keyId), [none]).ok).toBe(false)
  })

  it('has the same bytes in whatever order its members were stored', () => {
    const reversed = Object.fromEntries(Object.entries(APPROVAL).reverse()) as Decision
    expect(decisionBytes(reversed)).toEqual(decisionBytes(APPROVAL))
  })

  it('is read again for every requester whom decide may name, and is not made of anything else', () => {
    const { schema: _, ...facts } = APPROVAL
    for (const requester of [
      { kind: 'machine' as const },
      { kind: 'person' as const, userId: 'U0ONCALL2' },
      { kind: 'unknown' as const, why: 'people can assume this role', claimed: 'U0ONCALL2' },
      { kind: 'unknown' as const, why: 'x'.repeat(1000), claimed: null },
    ])
      expect(signedDecisionSchema.safeParse(signed(decisionOf({ ...facts, requester }))).success).toBe(true)
    const tooLong = { kind: 'unknown' as const, why: 'x'.repeat(1001), claimed: null }
    expect(() => decisionOf({ ...facts, requester: tooLong })).toThrow()
  })

  it('is read strictly: a member more or less is no decision', () => {
    const one = signed(APPROVAL)
    expect(signedDecisionSchema.safeParse(one).success).toBe(true)
    expect(signedDecisionSchema.safeParse({ ...one, extra: 1 }).success).toBe(false)
    expect(signedDecisionSchema.safeParse({ ...one, decision: { ...APPROVAL, note: '' } }).success).toBe(false)
    const { endsAtMs: _, ...without } = APPROVAL
    expect(signedDecisionSchema.safeParse({ ...one, decision: without }).success).toBe(false)
  })
})
