/** Is it ours, and have we seen it? Each denial is counted once, and asks at most once a minute for a look at it. */
import { parseRoleArn } from '../core/arn.ts'
import type { Config } from '../core/config.ts'
import type { Denial, ParsedDenial } from '../core/denial.ts'
import { isTooOld } from '../core/denial-age.ts'
import { denialFromDecoded, encodedOnlyIn } from '../core/encoded-only.ts'
import { fingerprintOf } from '../core/fingerprint.ts'
import { parseRecord } from '../core/parse-denial.ts'
import type { AwsExplanations, Clock, Observer, ProposalStore, WorkQueue } from '../core/ports.ts'
import { recordsIn, recordsOf } from '../core/records.ts'
import { never } from '../core/result.ts'

export type IntakeDeps = {
  readonly store: Pick<ProposalStore, 'sight' | 'increment'>
  readonly queue: Pick<WorkQueue, 'send'>
  readonly clock: Clock
  readonly observer: Observer
  readonly config: Pick<Config, 'settleSeconds'>
  /** The bot's own roles: what they are denied is a fault of ours, never a proposal. */
  readonly ownRoleArns: readonly string[]
  /** Decodes the older form of EC2's denials; without it they are counted and left. */
  readonly explanations?: Pick<AwsExplanations, 'decode'>
}

export type Taken =
  | { readonly kind: 'queued' | 'counted' | 'duplicate' | 'old'; readonly fingerprint: string }
  | { readonly kind: 'own' | 'not-ours' | 'unreadable'; readonly why: string }

const MINUTE_MS = 60_000

/** Takes the body of one queue message, or what was parsed from it: an EventBridge event, or anything else that holds CloudTrail records. */
export function makeIntake(deps: IntakeDeps): (message: unknown) => Promise<readonly Taken[]> {
  return async message => {
    const records = typeof message === 'string' ? recordsIn(message) : recordsOf(message)
    if (!records.ok) {
      // Another delivery would be as unreadable: it is told, and not tried again.
      deps.observer.count('Unreadable')
      deps.observer.log('error', 'a message that holds no CloudTrail record', { why: records.error })
      return [{ kind: 'unreadable', why: records.error }]
    }
    const taken: Taken[] = []
    for (const record of records.value) taken.push(await takeRecord(record, deps))
    return taken
  }
}

async function takeRecord(record: unknown, deps: IntakeDeps): Promise<Taken> {
  const parsed = await readWhole(record, deps)
  switch (parsed.kind) {
    case 'denial':
      return takeDenial(parsed.denial, deps)
    case 'not-ours':
      deps.observer.count('NotOurs')
      deps.observer.log('info', 'not ours', { why: parsed.why })
      return parsed
    case 'unreadable':
      deps.observer.count('Unreadable')
      deps.observer.log('warn', 'unreadable', { why: parsed.why })
      return parsed
    default:
      return never(parsed)
  }
}

async function readWhole(record: unknown, { explanations, observer }: IntakeDeps): Promise<ParsedDenial> {
  const parsed = parseRecord(record)
  const encoded = parsed.kind === 'not-ours' ? encodedOnlyIn(record) : null
  if (encoded === null) return parsed
  if (explanations === undefined || encoded.cut) {
    observer.count('EncodedMessagesUnread')
    return parsed
  }
  const decoded = await explanations.decode(encoded.accountId, encoded.blob)
  if (decoded.known) return denialFromDecoded(record, decoded.value)
  observer.count('EncodedMessagesUnread')
  observer.log('warn', 'an encoded message could not be decoded', { why: decoded.why })
  return parsed
}

async function takeDenial(denial: Denial, deps: IntakeDeps): Promise<Taken> {
  const { store, observer, clock } = deps
  if (isOwn(denial, deps.ownRoleArns)) {
    observer.count('OwnDenials')
    observer.log('error', 'a role of ours was denied', { role: denial.principal.roleArn, action: denial.action })
    return { kind: 'own', why: 'a role of ours was denied' }
  }
  const nowMs = clock()
  const fingerprint = fingerprintOf(denial)
  const { sighting, first, duplicate } = await store.sight(denial, fingerprint, nowMs)
  observer.log('info', 'sighted', { fingerprint, eventId: denial.id, count: sighting.count, first, duplicate })
  observer.count(duplicate ? 'DuplicateDeliveries' : 'Denials')
  if (isTooOld(denial, nowMs)) return { kind: 'old', fingerprint }
  if (duplicate) return takeDuplicate(fingerprint, sighting.proposalId, deps)
  if (first) return send(fingerprint, deps)
  return (await isTurn(fingerprint, nowMs, deps)) ? send(fingerprint, deps) : { kind: 'counted', fingerprint }
}

/** A delivery that was counted, and perhaps failed before its work was queued: while no proposal stands, it is queued again. */
async function takeDuplicate(fingerprint: string, proposalId: string | null, deps: IntakeDeps): Promise<Taken> {
  if (proposalId === null) await send(fingerprint, deps)
  return { kind: 'duplicate', fingerprint }
}

/** Repeats keep the card's count, and re-open what has ended; `propose` knows which. One look a minute is enough for both. */
async function isTurn(fingerprint: string, nowMs: number, { store }: IntakeDeps): Promise<boolean> {
  const minute = Math.floor(nowMs / MINUTE_MS)
  return (await store.increment(`look/${fingerprint}/${minute}`, (minute + 10) * MINUTE_MS)) === 1
}

async function send(fingerprint: string, { queue, config }: IntakeDeps): Promise<Taken> {
  await queue.send({ kind: 'propose', fingerprint }, { delaySeconds: config.settleSeconds })
  return { kind: 'queued', fingerprint }
}

/** Role names are unique in their account whatever their case, and the path of a session's role may be unknown. */
function isOwn({ principal }: Denial, ownRoleArns: readonly string[]): boolean {
  const { name, accountId } = principal
  if (name === null || accountId === null) return false
  return ownRoleArns.some(arn => {
    const own = parseRoleArn(arn)
    return own?.accountId === accountId && own.name.toLowerCase() === name.toLowerCase() && principal.kind !== 'user'
  })
}
