/** The signing keys of a test, and decisions as `decide` would have signed them. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { fingerprintOf } from '../../core/denial/fingerprint.ts'
import type { Decision, SignedDecision } from '../../functions/domain/authority/earlier-decision.ts'
import { nowDecisionOf } from '../../functions/domain/authority/new-decision.ts'
import {
  decisionBytes,
  KEY_USES,
  type KeyRing,
  type KeyUse,
  publicKeyOf,
} from '../../functions/domain/authority/statement.ts'
import type { Approval, Proposal } from '../../functions/domain/proposal/proposal.ts'
import { seenOf, shownDigestOf } from '../../functions/domain/proposal/seen.ts'
import type { Keys, Signer } from '../../functions/ports/signer.ts'

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
const PRIVATE: { readonly [use in KeyUse]: KeyObject } = {
  decisions: newKey(),
  attestations: newKey(),
  outcomes: newKey(),
  enrollments: newKey(),
  audit: newKey(),
}
const PUBLIC = Object.fromEntries(KEY_USES.map(use => [use, publicKeyOf(use, publicDer(PRIVATE[use]))]))
export const RING: KeyRing = Object.values(PUBLIC)
export const KEYS: Keys = { ring: async () => RING }

export const signerOf = (use: KeyUse): Signer => ({ sign: async bytes => signatureOf(use, bytes) })

function publicDer(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64')
}

/** Keys that are replaced in the course of a test. A process has those that were there when it began. */
export function replaceableKeys() {
  const signing = { ...PRIVATE }
  let ring: KeyRing = RING
  return {
    deployed: () => {
      const [keys, listed] = [{ ...signing }, ring]
      const signer = (use: KeyUse): Signer => ({ sign: async bytes => signatureOf(use, bytes, keys[use]) })
      return { ring: listed, signerOf: signer }
    },
    replace(use: KeyUse, retiredAtMs: number): void {
      signing[use] = newKey()
      const retired = ring.map(key =>
        key.use === use && key.retiredAtMs === undefined ? { ...key, retiredAtMs } : key,
      )
      ring = [publicKeyOf(use, publicDer(signing[use])), ...retired]
    },
  }
}

/** Keeps signatures, because ECDSA signs the same bytes differently each time and samples must be equal. */
const given = new Map<string, string>()

export function signatureOf(use: KeyUse, bytes: Buffer, by = PRIVATE[use]) {
  const { keyId } = publicKeyOf(use, publicDer(by))
  const key = `${keyId} ${bytes.toString('utf8')}`
  const value = given.get(key) ?? sign('sha256', bytes, by).toString('base64')
  given.set(key, value)
  return { keyId, value }
}

export function signedBy(decision: Decision, use: KeyUse = 'decisions'): SignedDecision {
  return { decision, signature: signatureOf(use, decisionBytes(decision)) }
}

/** Of every bot in memory. */
export const DEPLOYMENT = '11111111-2222-4333-8444-555555555555'

type Kind = Decision['kind']

/** What `decide` signs if this person decides on the proposal in its current state. */
export function decisionAbout(
  proposal: Proposal,
  facts: Pick<Approval, 'by' | 'atMs'> & {
    readonly kind: Kind
    readonly limitHours?: number | null
    readonly reason?: string | null
    readonly pullRequest?: true
  },
): Decision {
  const { kind, by, atMs, limitHours = null, reason = null } = facts
  const { verification } = proposal
  const pullRequest = facts.pullRequest === true ? (kind === 'reject' ? 'only' : 'with') : null
  const everybody = [...new Set([by.id, 'U0ONCALL1', 'U0ONCALL2', 'U0ONCALL3'])]
  return nowDecisionOf({
    deploymentId: DEPLOYMENT,
    kind,
    proposalId: proposal.id,
    patchDigest: proposal.patch?.digest ?? `sha256:${'0'.repeat(64)}`,
    fingerprint: fingerprintOf(proposal.denial),
    requester: { kind: 'machine' as const },
    by: { chat: 'slack', userId: by.id, teamId: null, name: by.name, email: null, memberSinceMs: null },
    risk: verification?.risk ?? 'low',
    ...(verification === null ? { findings: [], blastRadius: [] } : seenOf(verification)),
    shownDigest:
      verification === null
        ? `sha256:${'d'.repeat(64)}`
        : shownDigestOf({ summary: proposal.diagnosis.summary, verification }),
    approversNeeded: proposal.verification?.approvers ?? 1,
    endsAtMs: limitHours === null ? null : atMs + limitHours * 3_600_000,
    reason,
    ticket: null,
    pullRequest,
    eligible: { approvers: everybody, breakGlass: everybody },
    passkey: null,
    configDigest: `sha256:${'c'.repeat(64)}`,
    atMs,
  })
}

type Loose = { readonly by: Approval['by']; readonly atMs: number; readonly signed?: SignedDecision | null }

/** Signs every decision of the proposal that has no `signed` member. `signed: null` stays unsigned. */
export function withSignatures<P extends Proposal>(proposal: P): P {
  const about = (
    kind: Kind,
    one: Loose & { readonly limitHours?: number | null; readonly reason?: string | null; readonly pullRequest?: true },
  ) => (one.signed === undefined ? { ...one, signed: signedBy(decisionAbout(proposal, { ...one, kind })) } : one)
  return {
    ...proposal,
    ...('approvals' in proposal && {
      approvals: proposal.approvals.map(one => about(one.reason === null ? 'approve' : 'break-glass', one)),
    }),
    ...('rejection' in proposal && { rejection: about('reject', proposal.rejection) }),
    ...('revertRequest' in proposal && { revertRequest: about('revert', proposal.revertRequest) }),
  }
}
