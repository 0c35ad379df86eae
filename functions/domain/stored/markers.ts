/** Small versioned items besides the proposals. This file defines their keys and forms. */

import * as z from 'zod'
import { ACTIONS } from '../../../core/actions/index.ts'
import { DAY_MS, digestOf } from '../../../core/base/index.ts'
import { DENYING_LAYERS } from '../../../core/denial/index.ts'
import type { Target } from '../../../core/patch/index.ts'
import type { ChainHead, LogTrouble } from '../audit/index.ts'
import type { ObservedDay, StormList } from '../card/index.ts'
import { CONFIDENCES, DEPLOY_KINDS, type DeployState, FAULT_ANSWERS, FAULT_KINDS } from '../deploy/index.ts'
import type { PassApproval } from '../grants/index.ts'
import type { SilenceWatch } from '../members/index.ts'
import {
  type BotFunction,
  type PostedCard,
  recordedCard,
  type SelfTestAnswer,
  type SelfTestAsked,
} from '../messages/index.ts'
import { type ChatRequest, DECIDING_ACTIONS, type PullRecord } from '../proposal/index.ts'
import { pullRecordShape, writtenRecord } from './pull-shapes.ts'
import { count, instant, personShape, postedCard, pressedAt, runShape, text, texts } from './shapes.ts'
import { type Codec, codec } from './versions.ts'

export type Marker<T> = {
  readonly key: string
  readonly codec: Codec<T>
  /** From when on the table may delete it. Absent: never. */
  expiresAtMs?(value: T): number
}

/** The key prefixes of each kind. Only the marker of a posted outcome begins with the proposal id instead. */
export const MARKERS = {
  notice: 'notice/',
  revalidated: 'renewed/',
  lock: 'lock#',
  placement: 'card-place/',
  record: 'record/',
  firstLook: 'first-look/',
  stormList: 'digest/',
  channelTurns: 'channel-turns/',
  harvested: 'harvested/',
  deploy: 'deploy/',
  deploysIn: 'deploys/',
  deploysBy: 'deploys-by/',
  heard: 'heard/',
  heardAccounts: 'heard-accounts',
  canary: 'canary/',
  silence: 'silence',
  recordsNoticed: 'records-noticed',
  logTrouble: 'log-trouble',
  firstRun: 'first-run/',
  observedDay: 'observed/',
  observedPosted: 'observed-posted/',
  approvedBy: 'approved-by/',
  passApprovals: 'pass-approvals/',
  setSuggested: 'set-suggested/',
  pull: 'pull/',
  audit: 'audit#',
  stopped: 'stopped',
  selfTest: 'self-test',
  stepUp: 'step-up/',
  signCount: 'sign-count/',
  lastConfig: 'last-config',
} as const

/** For markers whose members have the same names in the table. */
const plain = <T>(schema: z.core.$ZodType<T>): Codec<T> => codec(schema, value => value)

/** A marker that something was done. Its key says what. `untilMs`: a worker does it, and has crashed if it is not done by then. */
export type Done = { readonly untilMs?: number }
const DONE = plain<Done>(z.object({ untilMs: instant.exactOptional() }))
const done = (key: string): Marker<Done> => ({ key, codec: DONE })

export const noticePublished = (proposalId: string) => done(MARKERS.notice + proposalId)
export const outcomePosted = (proposalId: string, kind: string) => done(`${proposalId}/result/${kind}`)
/** `times`: how often the content of the card has changed. */
export const evidencePosted = (proposalId: string, times: number) => done(`${proposalId}/result/evidence-${times}`)
/** `finding`: a digest of what was found. */
export const changePosted = (proposalId: string, finding: string) =>
  done(`${proposalId}/result/changed-${finding.slice(7, 23)}`)
export const othersRevalidated = (proposalId: string, after: 'rolling-out' | 'applied' | 'reverted') =>
  done(`${MARKERS.revalidated}${proposalId}/${after}`)

/** The proposal that holds one target, and until when. */
export type TargetLock = { readonly holder: string | null; readonly untilMs: number }
const LOCK = plain<TargetLock>(z.object({ holder: text.nullable(), untilMs: instant }))
export const targetLock = ({ kind, arn, policyName }: Target): Marker<TargetLock> => ({
  key: `${MARKERS.lock}${arn}#${kind}#${policyName ?? ''}`,
  codec: LOCK,
})

/** Which proposal a record of CloudTrail led to first. `atMs`: when. */
export type RecordCard = { readonly proposalId: string; readonly fingerprint: string; readonly atMs: number }
const RECORD_CARD = plain<RecordCard>(z.object({ proposalId: text, fingerprint: text, atMs: instant }))
/** The event id is text from outside. */
export const recordCard = (eventId: string): Marker<RecordCard> => ({
  ...{ key: MARKERS.record + digestOf(eventId).slice(7), codec: RECORD_CARD },
  expiresAtMs: ({ atMs }) => atMs + RECORD_CARD_MS,
})
/** As long as CloudTrail's event history has the record. */
const RECORD_CARD_MS = 90 * DAY_MS

/** Where the card of a proposal is posted. Null: directly in the channel. */
export type CardPlacement = {
  readonly listKey: string | null
  /** The window in which the card was counted. Absent in items of older versions. */
  readonly window?: number
}
const PLACEMENT = plain<CardPlacement>(z.object({ listKey: text.nullable(), window: count.exactOptional() }))
export const cardPlacement = (proposalId: string): Marker<CardPlacement> => ({
  key: MARKERS.placement + proposalId,
  codec: PLACEMENT,
})

/** The card of a denial before IAM has settled. It is never authority: a proposal begins with the second look. */
export type FirstLook = {
  /** False: the second look was first, and there is no such card. */
  readonly isBegun: boolean
  /** When it says that the denial is looked at again. */
  readonly againAtMs: number
  /** Null: it is not posted, or its worker ended before it could say where. */
  readonly card: PostedCard | null
  /** The second look has begun: nobody posts or changes a card for the first one any more. */
  readonly isOver: boolean
}
const FIRST_LOOK: Codec<FirstLook> = codec<FirstLook>(
  z.object({ isBegun: z.boolean(), againAtMs: instant, card: postedCard.nullable(), isOver: z.boolean() }),
  ({ card, ...rest }) => ({ ...rest, card: card === null ? null : recordedCard(card) }),
)
export const firstLook = (proposalId: string): Marker<FirstLook> => ({
  key: MARKERS.firstLook + proposalId,
  codec: FIRST_LOOK,
})

const storedList = z.pipe(
  z.object({
    ts: text.nullable(),
    makingUntilMs: instant,
    total: count,
    items: z.array(
      z.object({
        proposalId: text,
        digest: text,
        tone: text,
        text,
        state: text.exactOptional(),
        link: text.exactOptional(),
        same: z.object({ cause: text, who: text, action: text, what: text }).exactOptional(),
        fingerprint: text.exactOptional(),
      }),
    ),
    fingerprints: texts.exactOptional(),
    shownAtMs: instant.exactOptional(),
    pending: z.boolean().exactOptional(),
  }),
  z.transform(({ ts, ...rest }) => ({ ...rest, message: ts })),
)
/** Stored as `ts`, because the first supported chat identifies a message by its time stamp. */
const STORM_LIST: Codec<StormList> = codec<StormList>(storedList, ({ message, ...rest }) => ({ ...rest, ts: message }))
export const stormListKey = (channel: string, window: number): string => `${MARKERS.stormList}${channel}/${window}`
/** Storm lists of one channel whose message in the chat may be older than the stored list. */
export const waitingLists = (channel: string): Marker<readonly string[]> => ({
  key: `${MARKERS.stormList}${channel}/waiting`,
  codec: plain(texts),
})
export const stormList = (key: string): Marker<StormList> => ({ key, codec: STORM_LIST })

/** `freeAtMs`: when the next card of a storm may be posted in the channel. `waiting`: about how many come again for that. It is never authority. */
export type ChannelTurns = { readonly freeAtMs: number; readonly waiting: number }
const CHANNEL_TURNS = plain<ChannelTurns>(z.object({ freeAtMs: instant, waiting: count }))
export const channelTurns = (channel: string): Marker<ChannelTurns> => ({
  key: MARKERS.channelTurns + channel,
  codec: CHANNEL_TURNS,
})

/** The pull request of a proposal. Only `publish` writes it. */
const PULL: Codec<PullRecord> = codec<PullRecord>(pullRecordShape, writtenRecord)
export const pullRecord = (proposalId: string): Marker<PullRecord> => ({ key: MARKERS.pull + proposalId, codec: PULL })

/** For one channel: since when it has cards, and whether its first message was posted. */
export type FirstRun = {
  readonly fromMs: number
  readonly posted: boolean
  /** When a worker last began to post. Absent: at `fromMs`. */
  readonly triedMs?: number
}
const FIRST_RUN = plain<FirstRun>(z.object({ fromMs: instant, posted: z.boolean(), triedMs: instant.exactOptional() }))
export const firstRun = (channel: string): Marker<FirstRun> => ({ key: MARKERS.firstRun + channel, codec: FIRST_RUN })
/** Whether a channel was told that no mode is set. */
export const unsetModePosted = (channel: string) => done(`${MARKERS.firstRun}unset-mode/${channel}`)

const counts = z.record(text, count)
const OBSERVED_DAY = plain<ObservedDay>(
  z.object({
    denials: count,
    distinct: count,
    changes: count,
    informations: count,
    causes: counts,
    principals: counts,
    roles: counts,
    settings: counts,
    cards: texts,
    unread: text.nullable(),
  }),
)
/** `day`: UTC days since the epoch. */
export const observedDay = (channel: string, day: number): Marker<ObservedDay> => ({
  key: `${MARKERS.observedDay}${channel}/${day}`,
  codec: OBSERVED_DAY,
})
export const observedPosted = (channel: string, day: number) => done(`${MARKERS.observedPosted}${channel}/${day}`)

/** A denial that was read from the texts of a failed deploy. */
export type HarvestedDenial = { readonly fingerprint: string; readonly id: string; readonly timeMs: number }
const HARVESTED = plain<HarvestedDenial>(z.object({ fingerprint: text, id: text, timeMs: instant }))
export const harvestedDenial = (requestKey: string): Marker<HarvestedDenial> => ({
  key: MARKERS.harvested + requestKey,
  codec: HARVESTED,
})

const failureReason = z.object({
  text,
  resource: text.nullable(),
  resourceType: text.nullable(),
  atMs: instant,
  during: z.literal('rollback').exactOptional(),
  isLog: z.literal(true).exactOptional(),
})

const place = z.object({ logicalId: text, property: text, line: count.nullable(), constructPath: text.nullable() })

const templateNeed = z.object({
  action: z.enum(ACTIONS.map(({ name }) => name)),
  operation: text,
  service: text.nullable(),
  via: text.nullable(),
  role: text,
  by: text.nullable(),
  isMade: z.boolean(),
  place,
  assumers: z
    .array(
      z.object({
        action: z.enum(ACTIONS.map(({ name }) => name)),
        service: text,
        sends: z.array(z.object({ key: text, value: text })),
      }),
    )
    .exactOptional(),
})

const deployTemplate = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('read'),
    needs: z.array(templateNeed),
    unnamed: count,
    reported: z.array(z.object({ request: text, resource: text.nullable() })),
  }),
  z.object({ kind: z.literal('unread'), why: text }),
])

const trustFault = z.object({
  kind: z.enum(FAULT_KINDS),
  answer: z.enum(FAULT_ANSWERS),
  certainty: z.enum(['certain', 'probable']),
  service: text.nullable(),
  role: text.nullable(),
  place: place.nullable(),
  summary: text,
  next: z.array(z.object({ do: text, command: text.nullable(), who: text.nullable() })),
})

const missingPermission = z.object({
  action: text.nullable(),
  call: z.nullable(z.object({ service: text.nullable(), operation: text.nullable() })),
  principal: text.nullable(),
  resource: text.nullable(),
  layer: z.enum(DENYING_LAYERS),
  isExplicit: z.boolean(),
  policyArn: text.nullable(),
  line: count,
  certainty: z.enum(['certain', 'probable']),
  place: text.nullable(),
  atMs: instant,
  during: z.literal('rollback').exactOptional(),
  isLog: z.literal(true).exactOptional(),
  advice: text.exactOptional(),
})

const storedDeploy = z.pipe(
  z.object({
    key: text,
    generation: count,
    deploy: z.object({
      kind: z.enum(DEPLOY_KINDS),
      accountId: text,
      region: text,
      target: text,
      name: text,
      attempt: text.nullable(),
      retried: count.exactOptional(),
      status: text,
      failedAtMs: instant,
      reasons: z.array(failureReason),
      log: z.nullable(z.object({ group: text, stream: text })),
      link: text.exactOptional(),
      partOf: z.exactOptional(z.object({ kind: z.enum(DEPLOY_KINDS), target: text })),
      builds: texts.exactOptional(),
    }),
    traces: z.object({
      said: texts,
      repeated: texts.exactOptional(),
      roles: texts,
      sessions: texts,
      via: text.nullable(),
      ownRoles: texts,
      fromMs: instant,
      untilMs: instant,
      otherwise: z.boolean(),
    }),
    attempts: z.array(z.object({ id: text, atMs: instant, builds: texts.exactOptional() })),
    causes: z.array(z.object({ fingerprint: text, confidence: z.enum(CONFIDENCES) })),
    template: deployTemplate.exactOptional(),
    leftOut: count.exactOptional(),
    faults: z.array(trustFault).exactOptional(),
    permissions: z.array(missingPermission).exactOptional(),
    broke: texts.exactOptional(),
    withheld: count.exactOptional(),
    unread: text.exactOptional(),
    otherReason: text.exactOptional(),
    begun: z.exactOptional(z.object({ attempt: text, asked: count, run: z.nullable(runShape) })),
    past: z.exactOptional(z.object({ fingerprints: texts, untilMs: instant })),
    noticedAtMs: instant.nullable(),
    noticingUntilMs: instant,
    alert: postedCard.nullable(),
    postingUntilMs: instant,
  }),
  z.transform(({ generation, traces: { said, otherwise, ...keys }, ...rest }) => ({
    ...rest,
    round: generation,
    correlation: { ...keys, requests: said, explained: otherwise },
  })),
)
/** Stored members keep older names. */
const DEPLOY: Codec<DeployState> = codec<DeployState>(
  storedDeploy,
  ({ round, correlation: { requests, explained, ...keys }, alert, ...rest }) => ({
    ...rest,
    alert: alert === null ? null : recordedCard(alert),
    generation: round,
    traces: { ...keys, said: requests, otherwise: explained },
  }),
)
export const deployRecord = (key: string): Marker<DeployState> => ({ key: MARKERS.deploy + key, codec: DEPLOY })

/** Keys of failed deploys, oldest first. */
export type DeployList = readonly { readonly key: string; readonly atMs: number }[]
const DEPLOY_LIST = plain<DeployList>(z.array(z.object({ key: text, atMs: instant })))
export const deploysIn = (accountId: string, region: string): Marker<DeployList> => ({
  key: `${MARKERS.deploysIn}${accountId}/${region}`,
  codec: DEPLOY_LIST,
})
/** Of deploys that others than AWS report, in a list of their own: they push out none that AWS reports. */
export const reportedDeploysIn = (accountId: string, region: string): Marker<DeployList> => ({
  key: `${MARKERS.deploysIn}${accountId}/${region}/reported`,
  codec: DEPLOY_LIST,
})
/** In any Region: IAM is global, and one denial may break deploys in several. */
export const deploysBy = (fingerprint: string): Marker<DeployList> => ({
  key: MARKERS.deploysBy + fingerprint,
  codec: DEPLOY_LIST,
})

/**
 * By Region: when an account was last heard from, and the version of its deployed template; `canaryMs`: when the last canary was made that
 * arrived.
 */
export type HeardRegions = {
  readonly [region: string]: { readonly atMs: number; readonly version: string | null; readonly canaryMs?: number }
}
const HEARD_REGIONS = plain<HeardRegions>(
  z.record(text, z.object({ atMs: instant, version: text.nullable(), canaryMs: instant.exactOptional() })),
)
export const heardFrom = (accountId: string): Marker<HeardRegions> => ({
  key: MARKERS.heard + accountId,
  codec: HEARD_REGIONS,
})
const CANARIES_MADE = plain<{ readonly [region: string]: number }>(z.record(text, instant))
/** By Region: when a canary was made there last. */
export const canariesMade = (accountId: string): Marker<{ readonly [region: string]: number }> => ({
  key: MARKERS.canary + accountId,
  codec: CANARIES_MADE,
})
/** Every account that was ever heard from. */
export const HEARD_ACCOUNTS: Marker<readonly string[]> = { key: MARKERS.heardAccounts, codec: plain(texts) }
export const SILENCE_WATCH: Marker<SilenceWatch> = {
  key: MARKERS.silence,
  codec: plain<SilenceWatch>(z.object({ expectedSinceMs: z.record(text, instant), reported: texts })),
}

/** Up to which record of the audit log notices were sent. */
export const RECORDS_NOTICED: Marker<{ readonly sequence: number }> = {
  key: MARKERS.recordsNoticed,
  codec: plain<{ readonly sequence: number }>(z.object({ sequence: count })),
}

export const LOG_TROUBLE: Marker<LogTrouble> = {
  key: MARKERS.logTrouble,
  codec: plain<LogTrouble>(z.object({ sinceMs: instant.nullable(), postedMs: instant.nullable() })),
}

/** What one person approved, last one first. */
export type OwnApproval = { readonly proposalId: string; readonly atMs: number }
const OWN_APPROVALS = plain<readonly OwnApproval[]>(z.array(z.object({ proposalId: text, atMs: instant })))
export const approverMarker = (userId: string): Marker<readonly OwnApproval[]> => ({
  key: MARKERS.approvedBy + userId,
  codec: OWN_APPROVALS,
})

/** The roles that one caller may pass since an approval, last one first. */
const PASS_APPROVALS = plain<readonly PassApproval[]>(
  z.array(
    z.object({
      proposalId: text,
      action: text,
      role: text,
      services: texts,
      deploy: text.nullable(),
      atMs: instant,
    }),
  ),
)
export const passApprovals = (caller: string): Marker<readonly PassApproval[]> => ({
  key: MARKERS.passApprovals + caller,
  codec: PASS_APPROVALS,
})
/** Marks that a set was proposed, and whether all its members could be read then. */
export const setSuggested = (set: string, state: 'judged' | 'unread') => done(`${MARKERS.setSuggested}${set}/${state}`)

/** Who stopped granting, as they say. */
export type GrantStop = { readonly by: string; readonly reason: string | null; readonly sinceMs: number }
/** An operator puts it. A null `stop`: granting goes on. */
export const GRANT_STOP: Marker<{ readonly stop: GrantStop | null }> = {
  key: MARKERS.stopped,
  codec: plain<{ readonly stop: GrantStop | null }>(
    z.object({ stop: z.nullable(z.object({ by: text, reason: text.nullable(), sinceMs: instant })) }),
  ),
}

/** Who asked last whether the functions may do what their work needs. */
export const SELF_TEST_ASKED: Marker<SelfTestAsked> = {
  key: MARKERS.selfTest,
  codec: plain<SelfTestAsked>(
    z.object({
      askedMs: instant,
      by: personShape,
      conversation: text.nullable(),
      reportedMs: instant.nullable(),
    }),
  ),
}
const SELF_TEST_ANSWER = plain<SelfTestAnswer>(
  z.object({ askedMs: instant, tried: count, failed: z.array(z.object({ what: text, why: text })) }),
)
export const selfTestAnswer = (name: BotFunction): Marker<SelfTestAnswer> => ({
  key: `${MARKERS.selfTest}/${name}`,
  codec: SELF_TEST_ANSWER,
})

/** An approval that waits for its passkey. It is what was pressed, and no authority: the passkey signs the statement itself. */
export type StepUp = {
  /** Without the trigger, which is over. */
  readonly request: Omit<Extract<ChatRequest, { kind: 'click' }>, 'kind' | 'triggerId'>
  /** Of the statement that the passkey signs. */
  readonly digest: string
  readonly atMs: number
  readonly expiresAtMs: number
  readonly isUsed: boolean
}
const nullableText = text.nullable()
const STEP_UP = plain<StepUp>(
  z.object({
    request: z.object({
      ...{ ...pressedAt.shape, cardOf: text },
      origin: z.object({
        teamId: nullableText,
        enterpriseId: nullableText,
        userTeamId: nullableText,
        appId: nullableText,
      }),
      click: z.object({
        ...{ action: z.enum(DECIDING_ACTIONS), by: personShape, proposalId: text, digest: text },
        ...{ reason: nullableText, ticket: text.exactOptional() },
      }),
    }),
    ...{ digest: text, atMs: instant, expiresAtMs: instant, isUsed: z.boolean() },
  }),
)
export const stepUp = (nonce: string): Marker<StepUp> => ({
  ...{ key: MARKERS.stepUp + nonce, codec: STEP_UP },
  expiresAtMs: ({ expiresAtMs }) => expiresAtMs,
})

/** The last count of a passkey that counts: a smaller one is that of a copy. */
export const signCount = (credential: string): Marker<SignCount> => ({
  key: MARKERS.signCount + credential,
  codec: plain<SignCount>(z.object({ count, of: text })),
})
/** `of`: digest of the signature with the highest count. */
type SignCount = { readonly count: number; readonly of: string }

/** The text of the configuration that ran last, and since when. Nothing is granted under it. */
export const LAST_CONFIG: Marker<{ readonly text: string; readonly goodMs: number }> = {
  key: MARKERS.lastConfig,
  codec: plain<{ readonly text: string; readonly goodMs: number }>(z.object({ text, goodMs: instant })),
}

/**
 * `object`: the storage's name for the version of the record. `turn`: who appends, and until when others wait. Absent: nobody does, or it
 * is an older version. Neither is authority.
 */
export type AuditHead = ChainHead & {
  readonly object?: string
  readonly turn?: { readonly by: string; readonly untilMs: number }
}
export const AUDIT_HEAD: Marker<AuditHead> = {
  key: `${MARKERS.audit}head`,
  codec: plain<AuditHead>(
    z.object({
      sequence: z.int().min(1),
      hash: text,
      object: text.exactOptional(),
      turn: z.object({ by: text, untilMs: instant }).exactOptional(),
    }),
  ),
}
/**
 * `after`: the log sequence before the first one that can hold an entry with this key. `at`: its sequence. Absent: unknown, or
 * from an older version.
 */
export type AuditSearch = { readonly after: number; readonly at?: number }
const AUDIT_SEARCH = plain<AuditSearch>(z.object({ after: count, at: count.exactOptional() }))
export const AUDIT_KEY_PREFIX = `${MARKERS.audit}key#`
export const auditSearch = (key: string): Marker<AuditSearch> => ({
  key: AUDIT_KEY_PREFIX + key,
  codec: AUDIT_SEARCH,
})
