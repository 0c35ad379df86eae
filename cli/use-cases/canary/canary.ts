/** Sends one harmless denial through the bot in each account and Region, and says which hop lost it. */
import { MINUTE_MS } from '../../../core/base/index.ts'
import { partitionOfRegion, roleArn } from '../../../core/iam/index.ts'
import type { MemberRegion } from '../../../functions/domain/members/index.ts'
import { isObserved, type Occurrence, type Proposal, postedCardOf } from '../../../functions/domain/proposal/index.ts'
import type { CanaryOutput } from '../../outputs/canary.ts'
import { docsPage } from '../../version.ts'

export type Canary = CanaryOutput['canaries'][number]
type Hop = Canary['hops'][number]

/** What AWS and the table answer. Each may throw, and then only its own hop is not known. */
export type CanaryCalls = {
  /** Null: denied. Else what AWS answered instead. */
  deny(place: MemberRegion, role: string): Promise<string | null>
  /** When CloudTrail recorded it. Null: not yet. */
  recordedAtMs(place: MemberRegion, role: string, sinceMs: number): Promise<number | null>
  /** How often the rule for such denials invoked its target there since then. */
  invocations(place: MemberRegion, sinceMs: number): Promise<number>
  /** How many messages came into the queue of intake since then. */
  received(sinceMs: number): Promise<number>
  occurrence(place: MemberRegion, role: string, sinceMs: number): Promise<Occurrence | null>
  proposal(id: string): Promise<Proposal | null>
  /** It is in a list, as one of many cards at once. */
  isInList(proposalId: string): Promise<boolean>
}

export type CanaryDeps = {
  readonly calls: CanaryCalls
  readonly nowMs: () => number
  readonly sleep: (ms: number) => Promise<unknown>
  readonly waitMs: number
  /** Part of the name, so that each run is seen as new. */
  readonly id: string
}

const POLL_MS = 10_000

type Seen = {
  readonly recordedAtMs: number | null
  readonly occurrence: Occurrence | null
  readonly proposal: Proposal | null
  /** Null: nothing is shown to anybody yet. */
  readonly answer: string | null
}

const NOTHING: Seen = { recordedAtMs: null, occurrence: null, proposal: null, answer: null }

export async function runCanary(place: MemberRegion, deps: CanaryDeps): Promise<Canary> {
  const { calls, nowMs, id } = deps
  const role = roleArn(partitionOfRegion(place.region), place.accountId, `rolemedic-canary-${id}`)
  const madeMs = nowMs()
  const made = { ...place, role, madeAt: new Date(madeMs).toISOString() }
  const why = await calls.deny(place, role).catch(messageOf)
  if (why !== null) {
    const hops = hopsOf([lost('denial', `sts:AssumeRole was not denied as it has to be: ${why}`)])
    return { ...made, hops, lost: 'denial' }
  }
  const seen = await followed(place, role, madeMs, deps)
  const hops = hopsOf(await judged(seen, place, madeMs, deps))
  return { ...made, hops, lost: hops.find(({ outcome }) => outcome === 'lost')?.hop ?? null }
}

/** Asks until it has been answered, or the time is over. */
async function followed(
  place: MemberRegion,
  role: string,
  madeMs: number,
  { calls, nowMs, sleep, waitMs }: CanaryDeps,
): Promise<Seen> {
  // Clocks differ by seconds.
  const sinceMs = madeMs - MINUTE_MS
  const untilMs = madeMs + waitMs
  let seen = NOTHING
  for (;;) {
    const recordedAtMs = seen.recordedAtMs ?? (await calls.recordedAtMs(place, role, sinceMs).catch(nothing))
    const occurrence = await calls.occurrence(place, role, sinceMs).catch(nothing)
    const id = occurrence?.proposalId ?? null
    const proposal = id === null ? null : await calls.proposal(id).catch(nothing)
    const answer = proposal === null ? null : await answerOf(proposal, calls)
    seen = { recordedAtMs, occurrence, proposal, answer }
    // The history is late at times: it is worth one more look, and no wait.
    if (answer !== null || nowMs() >= untilMs) return seen
    await sleep(POLL_MS)
  }
}

async function answerOf(proposal: Proposal, calls: CanaryCalls): Promise<string | null> {
  if (isObserved(proposal)) return `${proposal.id} is in the digest of its day: the account is only observed`
  if (postedCardOf(proposal) !== null) return `the card of ${proposal.id} is in the channel; nobody has to do anything`
  return (await calls.isInList(proposal.id).catch(() => false)) ? `${proposal.id} is in a list of the channel` : null
}

/** Each hop up to the first that lost it. Where a later one has it, the earlier ones had. */
async function judged(
  { recordedAtMs, occurrence, proposal, answer }: Seen,
  place: MemberRegion,
  madeMs: number,
  { calls }: CanaryDeps,
): Promise<readonly Hop[]> {
  const after = (atMs: number) => Math.max(0, Math.round((atMs - madeMs) / 1_000))
  const denial: Hop = { hop: 'denial', outcome: 'passed', seconds: 0, detail: 'denied by AWS' }
  const passed = (hop: Hop['hop'], seconds: number | null, detail: string): Hop => ({
    hop,
    outcome: 'passed',
    seconds,
    detail,
  })
  const history =
    recordedAtMs !== null
      ? passed('event history', after(recordedAtMs), 'recorded by CloudTrail')
      : occurrence !== null
        ? passed('event history', null, 'not in the event history yet, or it may not be read; the bot has it')
        : lost(
            'event history',
            'CloudTrail has no record of it: wait longer with --wait, or look at the trail with rolemedic doctor --live',
          )
  if (history.outcome === 'lost') return [denial, history]
  if (occurrence === null) return [denial, history, ...(await onTheWay(place, madeMs, calls))]
  const arrived = [
    denial,
    history,
    passed('rule', null, 'matched'),
    passed('queue', null, 'taken by intake'),
    passed('occurrence', after(occurrence.firstSeenMs), `stored as ${occurrence.fingerprint}`),
  ]
  if (proposal === null)
    return [
      ...arrived,
      lost(
        'analysis',
        `propose has not answered: its dead letters and its log, ${docsPage('runbooks.md#dead-letters')}`,
      ),
    ]
  const summary = `${proposal.diagnosis.summary} ${behind(proposal)}`
  const analysis = passed('analysis', after(proposal.createdAtMs), summary)
  return answer === null
    ? [...arrived, analysis, lost('card', `${proposal.id} is not posted: ${docsPage('runbooks.md#slack-failures')}`)]
    : [...arrived, analysis, passed('card', null, answer)]
}

/** Whether CloudTrail's history leads from the session's key to a person: it decides how many people a card asks. */
function behind({ run }: Proposal): string {
  const person = run?.person?.proved === true ? run.person.name : null
  if (person !== null) return `It was made by ${person}, as CloudTrail's records prove.`
  return `No record proves who made it, so that cards of such sessions ask two people (${docsPage('whose-run.md')}).`
}

/** CloudTrail has it and the bot does not: the metrics tell where it is. */
async function onTheWay(place: MemberRegion, madeMs: number, calls: CanaryCalls): Promise<readonly Hop[]> {
  const [invocations, received] = await Promise.all([
    calls.invocations(place, madeMs).catch(nothing),
    calls.received(madeMs).catch(nothing),
  ])
  if (invocations === null)
    return [lost('rule', 'its metrics cannot be read: rolemedic doctor --live looks at the rules and queues')]
  if (invocations === 0)
    return [lost('rule', 'no rule took it: rolemedic doctor --live, and a trail that delivers reads to EventBridge')]
  const rule: Hop = {
    hop: 'rule',
    outcome: 'passed',
    seconds: null,
    detail: `the rule fired ${invocations} times since`,
  }
  if (received === null || received === 0)
    return [
      rule,
      lost(
        'queue',
        `the rule fired and nothing came into the queue of intake: ${docsPage('runbooks.md#what-could-not-be-forwarded')}`,
      ),
    ]
  const queue: Hop = { hop: 'queue', outcome: 'passed', seconds: null, detail: `${received} messages came since` }
  return [
    rule,
    queue,
    lost(
      'occurrence',
      `intake has stored nothing: its dead letters and its log, ${docsPage('runbooks.md#function-errors')}`,
    ),
  ]
}

const lost = (hop: Hop['hop'], detail: string): Hop => ({ hop, outcome: 'lost', seconds: null, detail })

const ORDER: readonly Hop['hop'][] = ['denial', 'event history', 'rule', 'queue', 'occurrence', 'analysis', 'card']

/** With those that it did not reach. */
const hopsOf = (hops: readonly Hop[]): Hop[] =>
  ORDER.map(hop => hops.find(one => one.hop === hop) ?? { hop, outcome: 'not-reached', seconds: null, detail: '' })

const nothing = () => null
const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
