/** Whose signatures an order carries: what a pull request says about people is taken from nowhere else. */
import { digestOf } from '../../../core/base/index.ts'
import { changeDigest } from '../../../core/patch/index.ts'
import {
  type Decision,
  idName,
  isOfNow,
  type KeyRing,
  peopleAmong,
  pullRequestOf,
  verifyDecision,
} from '../authority/index.ts'
import { CHAT } from '../config/index.ts'
import { type PullOrder, tooYoung } from '../proposal/index.ts'

export type SignedApprovals = {
  /** `name (id)` of each person who approved exactly this change, once. */
  readonly approvers: readonly string[]
  /** Who rejected the grant, and asked for the code alone. */
  readonly codeOnly: readonly string[]
  /** The highest number of people that one of them saw to be needed. */
  readonly needed: number
  /** The highest risk that one of them saw; null: nobody signed. */
  readonly risk: Decision['risk'] | null
}

const RISKS = ['low', 'elevated', 'high'] as const

/** Only decisions about all of these changes of this proposal count. A decision of an earlier version names no deployment. */
export function signedApprovals(
  { proposalId, changes, decisions }: Pick<PullOrder, 'proposalId' | 'changes' | 'decisions'>,
  keys: KeyRing,
  deploymentId: string,
): SignedApprovals {
  const digest = digestOf(changes.map(changeDigest))
  const signed = decisions.flatMap(one => {
    const read = verifyDecision(one, keys)
    if (!read.ok) return []
    const { value } = read
    const isOurs = !isOfNow(value) || value.deploymentId === deploymentId
    return isOurs && value.proposalId === proposalId && value.patchDigest === digest ? [value] : []
  })
  const counts = (one: Decision) => !isOfNow(one) || tooYoung(one.by.memberSinceMs, one.atMs, one.risk) === null
  const approved = onePerPerson(
    signed.filter(one => (one.kind === 'approve' || one.kind === 'break-glass') && counts(one)),
  )
  const codeOnly = onePerPerson(signed.filter(one => one.kind === 'reject' && pullRequestOf(one) === 'only'))
  const counted = [...approved, ...codeOnly]
  const risk = RISKS.findLast(one => counted.some(decision => decision.risk === one)) ?? null
  const needed = Math.max(1, ...counted.map(({ approversNeeded }) => approversNeeded))
  return { approvers: approved.map(nameOf), codeOnly: codeOnly.map(nameOf), needed, risk }
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
