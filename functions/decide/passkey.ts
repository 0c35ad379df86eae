/** Whether an approval needs its giver's passkey, and whether what was signed is it. */
import { randomBytes } from 'node:crypto'
import { digestOf, fail, ok, type Result } from '../../core/base/index.ts'
import {
  type Assertion,
  challengeOf,
  credentialName,
  type DecisionNow,
  isAsserted,
  needsPasskey,
  type Passkey,
  type PasskeyRule,
  passkeyCounts,
  signCountOf,
} from '../domain/authority/index.ts'
import type { LinkedLine } from '../domain/messages/index.ts'
import { type AcceptedDecision, approvalsOf, type ChatRequest, type Proposal } from '../domain/proposal/index.ts'
import { signCount, stepUp } from '../domain/stored/index.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { type EnrolledDeps, enrolledPasskey } from '../workflows/passkeys/enrolled.ts'

/** From the page. `atMs`: when the button was pressed, as that is part of what is signed. `digest`: of what was asked for then. */
export type GivenPasskey = {
  readonly atMs: number
  readonly digest: string
  /** Null: the page is only looked at. */
  readonly signed: (Assertion & { readonly credentialId: string }) | null
}

export type PasskeyDeps = EnrolledDeps & {
  readonly passkeys: PasskeyRule
  readonly store: Pick<ProposalStore, 'getMarker' | 'putMarker'>
}

/** `next`: the proposal once this counts, with the change that is signed. */
export type AskedPasskey = { readonly statement: DecisionNow; readonly next: AcceptedDecision['next'] }

export type NoPasskey =
  /** It is to be signed on the page. */
  ({ readonly kind: 'passkey-asked' } & AskedPasskey) | { readonly kind: 'passkey-wrong'; readonly why: string }

export const CHANGED = 'The card says something else by now: press its button again.'

/**
 * What others have signed for it counts, as `write` takes the highest risk of all. What comes from the page was pressed by one who could write
 * the table: without a passkey over exactly that, it decides nothing.
 */
export async function passkeyFor(
  { statement, next }: AskedPasskey,
  current: Proposal,
  given: GivenPasskey | null,
  deps: PasskeyDeps,
): Promise<Result<Passkey | null, NoPasskey>> {
  const { passkeys: rule } = deps
  const risks = [statement, ...approvalsOf(current).flatMap(({ signed }) => signed?.decision ?? [])]
  const isLow = risks.every(({ risk }) => risk === 'low')
  const isApproval = statement.kind === 'approve' || statement.kind === 'break-glass'
  const isNeeded = isApproval && needsPasskey(rule, isLow, statement, [])
  if (given === null) return isNeeded ? fail({ kind: 'passkey-asked', statement, next }) : ok(null)
  if (!isNeeded || digestOf(statement) !== given.digest) return wrong(CHANGED)
  if (given.signed === null) return fail({ kind: 'passkey-asked', statement, next })
  const { credentialId, ...assertion } = given.signed
  const enrollment = await enrolledPasskey(statement.by.userId, credentialId, deps)
  if (enrollment === null) return wrong(`You have not enrolled this passkey: make one at ${rule.origin}/enroll.`)
  const passkey: Passkey = { enrollment, ...assertion }
  if (!isAsserted(assertion, enrollment.statement, challengeOf(statement), rule.origin))
    return wrong('The passkey has not signed this change.')
  if (!passkeyCounts(rule, isLow, statement.atMs, enrollment.statement)) return wrong(NOT_COUNTED)
  const flaw = await countFlaw(credentialName(enrollment.statement), assertion, deps)
  return flaw === null ? ok(passkey) : wrong(flaw)
}

const NOT_COUNTED =
  'This passkey does not count for this: it was enrolled less than a day ago, and not by two administrators, or the configuration takes other passkeys or people.'
const COPIED = 'This passkey counts backwards, as a copy of it would. Tell the people who run rolemedic.'
const BUSY = 'This passkey signs something else at this moment: press the button of the card again.'

const wrong = (why: string): Result<never, NoPasskey> => fail({ kind: 'passkey-wrong', why })

/**
 * Null: it counts up. Most passkeys always count 0. One signature counts once, however often the card changes meanwhile.
 * https://www.w3.org/TR/webauthn-3/#sctn-sign-counter
 */
async function countFlaw(credential: string, assertion: Assertion, deps: PasskeyDeps): Promise<string | null> {
  const { store, observer } = deps
  const marker = signCount(credential)
  const [count, of] = [signCountOf(assertion), digestOf(assertion)]
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const before = await store.getMarker(marker)
    if ((count === 0 && before === null) || before?.value.of === of) return null
    if (count <= (before?.value.count ?? 0)) {
      observer.log('error', 'passkey_copied', { credential, count })
      observer.count('Forged')
      return COPIED
    }
    if (await store.putMarker(marker, before?.version ?? 0, { count, of })) return null
  }
  return BUSY
}

const MAX_TRIES = 4

export type PressedButton = Extract<ChatRequest, { kind: 'click' }>

const VALID_MS = 5 * 60_000

/** The answer to the press. */
export async function offerPage(
  { kind: _, triggerId: __, ...request }: PressedButton,
  statement: DecisionNow,
  { store, clock, passkeys }: Pick<PasskeyDeps, 'store' | 'passkeys' | 'clock'>,
): Promise<LinkedLine> {
  const nonce = randomBytes(16).toString('hex')
  const asked = {
    request,
    digest: digestOf(statement),
    atMs: statement.atMs,
    expiresAtMs: clock() + VALID_MS,
    isUsed: false,
  }
  await store.putMarker(stepUp(nonce), 0, asked)
  const link = `${passkeys.origin}/approve/${nonce}`
  const text = 'Nothing is approved yet: this needs your passkey within 5 minutes.'
  // A chat shows no link to this machine.
  return link.startsWith('https:')
    ? { text, link, label: 'Open the page' }
    : { text: `${text} Open ${link}`, link: null }
}
