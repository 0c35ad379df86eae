/** What people signed of an order: a pull request says nothing else. */
import { digestOf } from '../../../core/base/index.ts'
import { type DeniedRequest, fingerprintOfRequest } from '../../../core/denial/index.ts'
import { changeDigest } from '../../../core/patch/index.ts'
import {
  type Decision,
  endOfGrant,
  idName,
  isOfNow,
  type KeyRing,
  peopleAmong,
  pullRequestOf,
  verifyDecision,
} from '../authority/index.ts'
import { CHAT } from '../config/index.ts'
import { type PullOrder, type ShownFacts, shownDigestOf, tooYoung } from '../proposal/index.ts'

export type SignedApprovals = {
  /** `name (id)` of each person who approved exactly this change, once. */
  readonly approvers: readonly string[]
  /** Who rejected the grant, and asked for the code alone. */
  readonly codeOnly: readonly string[]
  /** The highest number of people that one of them saw to be needed. */
  readonly needed: number
  /** The highest risk that one of them saw; null: nobody signed, or nobody asked for a pull request. */
  readonly risk: Decision['risk'] | null
  /** What was denied; null: no decision is about the request of the order. */
  readonly request: DeniedRequest | null
  /** Why, and what was verified; null: no decision is about the words of the order. */
  readonly shown: Pick<ShownFacts, 'summary' | 'verification'> | null
  /** When the grant ends that they approved until the code has it; null: they approved none. */
  readonly bridgeEndsAtMs: number | null
}

const RISKS = ['low', 'elevated', 'high'] as const

/** Only decisions about all of these changes of this proposal count. A decision of an earlier version names no deployment. */
export function signedApprovals(
  { proposalId, changes, decisions, shown }: Pick<PullOrder, 'proposalId' | 'changes' | 'decisions' | 'shown'>,
  keys: KeyRing,
  deploymentId: string,
): SignedApprovals {
  const digest = digestOf(changes.map(changeDigest))
  const ours = decisions.flatMap(one => {
    const read = verifyDecision(one, keys)
    if (!read.ok) return []
    const { value } = read
    const isOurs = !isOfNow(value) || value.deploymentId === deploymentId
    return isOurs && value.proposalId === proposalId && value.patchDigest === digest ? [value] : []
  })
  const isAsked = ours.some(one => pullRequestOf(one) !== null)
  const approvals = ours.filter(({ kind }) => isAsked && (kind === 'approve' || kind === 'break-glass'))
  const rejections = ours.filter(one => one.kind === 'reject' && pullRequestOf(one) === 'only')
  const signed = [...approvals, ...rejections]
  const counts = (one: Decision) => !isOfNow(one) || tooYoung(one.by.memberSinceMs, one.atMs, one.risk) === null
  const approved = onePerPerson(approvals.filter(counts))
  const codeOnly = onePerPerson(rejections)
  const counted = [...approved, ...codeOnly]
  const risk = RISKS.findLast(one => counted.some(decision => decision.risk === one)) ?? null
  const needed = Math.max(1, ...counted.map(({ approversNeeded }) => approversNeeded))
  const isDenied = ({ request }: ShownFacts) => signed.some(one => one.fingerprint === fingerprintOfRequest(request))
  const isShown = (words: ShownFacts) => signed.some(one => isOfNow(one) && one.shownDigest === shownDigestOf(words))
  return {
    ...{ approvers: approved.map(nameOf), codeOnly: codeOnly.map(nameOf), needed, risk },
    request: shown !== null && isDenied(shown) ? shown.request : null,
    shown: shown !== null && isShown(shown) ? shown : null,
    bridgeEndsAtMs: rejections.length > 0 ? null : endOfGrant(approvals),
  }
}

const nameOf = ({ by }: Decision): string => `${by.name} (${by.userId})`

/** The first decision of each person. What earlier versions signed says neither e-mail address nor passkey. */
function onePerPerson(decisions: readonly Decision[]): readonly Decision[] {
  const votes = decisions.map(one =>
    isOfNow(one) ? one : { by: { ...one.by, chat: CHAT, email: null }, passkey: null },
  )
  const firsts = peopleAmong(votes).map(person => decisions.find(({ by }) => person.has(idName(by.userId))))
  return decisions.filter(one => firsts.includes(one))
}
