/**
 * A week of CloudTrail with planted denials. The expected results follow from the planting and are counted here, without the
 * code under test.
 */
import { ACCOUNT, deniedRegistration, detail, role, uniqueId } from '../engine/generated-account.ts'
import { seededRandom, shuffle } from '../figures.ts'

/** A Monday. */
const START_MS = Date.parse('2026-11-16T00:00:00Z')
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const DAYS = 7
/** Ten minutes decide whether cards are a storm by default. Two slots are never within the same ten minutes. */
const SLOT_MS = 20 * MINUTE_MS

export type Planted = {
  readonly records: number
  readonly from: string
  readonly to: string
  readonly denials: number
  readonly distinct: number
  readonly cards: number
  readonly cardsOnBusiestDay: number
  readonly stormLists: number
  readonly byDay: readonly { readonly day: string; readonly denials: number; readonly cards: number }[]
  readonly allowedCalls: number
  readonly evaluatedAllowed: number
  readonly deniedCalls: number
  readonly evaluatedDenied: number
  readonly unknown: number
  readonly disagreements: number
}

export type GeneratedHistory = {
  /** Records as JSON, in delivery order: some twice, unsorted. Must be read completely before `planted`. */
  records(): Iterable<string>
  planted(): Planted
  /** In the format of `aws iam get-account-authorization-details`. */
  readonly account: string
}

type PlantedDenial = {
  readonly atMs: number
  readonly caller: string
  readonly target: string
  readonly assumes: boolean
}

const PAIRS = 200
const MIDNIGHT = 1
const STORM = 15
const ASSUMING = 20
const DENIED_NEXT_DAY = 10
const DENIED_SOON = 5
const READERS = 10

/** `records`: at least 2,000. */
export function generatedHistory({
  records,
  seed,
}: {
  readonly records: number
  readonly seed: number
}): GeneratedHistory {
  const { denials, cards } = plantedDenials()
  const days = countedByDay(denials, cards)
  const calls = { allowed: 0, evaluatedAllowed: 0, unknown: 0, disagreements: 0 }
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, 0]

  function* all(): Iterable<string> {
    const random = seededRandom(seed)
    const order = shuffle(denials, random)
    const every = Math.floor(records / denials.length)
    let planted = 0
    for (let at = 0; at < records; at += 1) {
      const isPlanted = at % every === 0 && planted < order.length
      const denial = isPlanted ? order[planted] : undefined
      if (denial !== undefined) planted += 1
      const atMs = denial?.atMs ?? START_MS + Math.floor(random() * DAYS * DAY_MS)
      firstMs = Math.min(firstMs, atMs)
      lastMs = Math.max(lastMs, atMs)
      const id = eventId(at)
      const text = denial === undefined ? background(at, id, timeText(atMs), random()) : denialText(denial, id)
      yield text
      if (denial === undefined ? at % 997 === 0 : planted % 10 === 0) yield text
    }
  }

  /** Most calls in a trail do not concern a role. */
  function background(at: number, id: string, time: string, chance: number): string {
    if (chance < 0.1)
      return allowedCall('evaluatedAllowed', assumedBy(`deployer-${at % READERS}`, 'shared-reader', id, time))
    if (chance < 0.2) return allowedCall('evaluatedAllowed', assumedByService('shared-worker', id, time))
    if (chance < 0.21) return allowedCall('unknown', assumedBy('long-gone', 'shared-reader', id, time))
    if (chance < 0.23) return allowedCall('evaluatedAllowed', registeredBy('publisher', `task-${at % PAIRS}`, id, time))
    if (chance < 0.2301) return allowedCall('disagreements', assumedBy('deployer-1', 'task-1', id, time))
    return otherCall(at, id, time, chance)
  }

  function allowedCall(outcome: 'evaluatedAllowed' | 'unknown' | 'disagreements', text: string): string {
    calls.allowed += 1
    calls[outcome] += 1
    return text
  }

  return {
    records: all,
    planted: () => ({
      records,
      from: timeText(firstMs),
      to: timeText(lastMs),
      denials: denials.length,
      distinct: PAIRS + MIDNIGHT + STORM + ASSUMING,
      cards: cards.length,
      cardsOnBusiestDay: Math.max(...days.map(day => day.cards)),
      stormLists: 1,
      byDay: days,
      allowedCalls: calls.allowed,
      evaluatedAllowed: calls.evaluatedAllowed,
      deniedCalls: denials.length,
      evaluatedDenied: denials.length,
      unknown: calls.unknown,
      disagreements: calls.disagreements,
    }),
    account: account(),
  }
}

/** `cards`: the time of each card, one minute (the settle time) after its denial. */
function plantedDenials(): { readonly denials: readonly PlantedDenial[]; readonly cards: readonly number[] } {
  const denials: PlantedDenial[] = []
  const cards: number[] = []
  const deny = (atMs: number, pair: number, { assumes = false, card = true } = {}) => {
    denials.push({ atMs, caller: `deployer-${pair}`, target: `task-${pair}`, assumes })
    if (card) cards.push(atMs + MINUTE_MS)
  }
  const slot = (number: number) => START_MS + number * SLOT_MS
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const atMs = slot(pair * 2) + MINUTE_MS
    deny(atMs, pair)
    // Repeats while the card is open.
    for (let repeat = 1; repeat <= pair % 4; repeat += 1) deny(atMs + repeat * 30_000, pair, { card: false })
    // The card expired after eight hours.
    if (pair < DENIED_NEXT_DAY) deny(atMs + DAY_MS + 10 * MINUTE_MS, pair)
    else if (pair < DENIED_NEXT_DAY + DENIED_SOON) deny(atMs + 2 * HOUR_MS + 10 * MINUTE_MS, pair, { card: false })
  }
  const midnight = START_MS + DAY_MS
  deny(midnight - 10_000, PAIRS)
  deny(midnight + 5_000, PAIRS, { card: false })
  for (let at = 0; at < STORM; at += 1) deny(slot(451) + at * 2_000, PAIRS + MIDNIGHT + at)
  for (let at = 0; at < ASSUMING; at += 1) deny(slot(101 + at * 2) + MINUTE_MS, at, { assumes: true })
  return { denials, cards }
}

function countedByDay(denials: readonly PlantedDenial[], cards: readonly number[]): Planted['byDay'] {
  return Array.from({ length: DAYS }, (_, at) => {
    const isThen = (ms: number) => Math.floor((ms - START_MS) / DAY_MS) === at
    return {
      day: timeText(START_MS + at * DAY_MS).slice(0, 10),
      denials: denials.filter(({ atMs }) => isThen(atMs)).length,
      cards: cards.filter(isThen).length,
    }
  }).filter(({ denials, cards }) => denials + cards > 0)
}

const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** An id in the form of a UUID. */
function eventId(at: number): string {
  const hex = at.toString(16).padStart(12, '0')
  return `5f3a${hex.slice(0, 4)}-7c1e-4d21-9b0f-${hex}`
}

function denialText({ atMs, caller, target, assumes }: PlantedDenial, id: string): string {
  const record = deniedRegistration({ id, caller, target, time: timeText(atMs) })
  if (!assumes) return JSON.stringify(record)
  const { arn } = record.userIdentity
  return JSON.stringify({
    ...record,
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    readOnly: true,
    errorCode: 'AccessDenied',
    errorMessage: `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${role(target)}`,
    requestParameters: null,
  })
}

function allowedRecord(caller: string, id: string, time: string) {
  const { errorCode, errorMessage, ...record } = deniedRegistration({ id, caller, time })
  return record
}

const assumedBy = (caller: string, target: string, id: string, time: string): string =>
  JSON.stringify({
    ...allowedRecord(caller, id, time),
    ...assumption(target),
  })

function assumedByService(target: string, id: string, time: string): string {
  return JSON.stringify({
    ...allowedRecord('nobody', id, time),
    ...assumption(target),
    sourceIPAddress: 'lambda.amazonaws.com',
    userAgent: 'lambda.amazonaws.com',
    userIdentity: { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' },
  })
}

const assumption = (target: string) => ({
  eventSource: 'sts.amazonaws.com',
  eventName: 'AssumeRole',
  readOnly: true,
  requestParameters: { roleArn: role(target), roleSessionName: 'work', durationSeconds: 3600 },
  responseElements: {
    credentials: { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', expiration: 'Nov 24, 2026, 10:00:00 PM' },
    assumedRoleUser: { assumedRoleId: `${uniqueId(target)}:work`, arn: role(target) },
  },
  resources: [{ accountId: ACCOUNT, type: 'AWS::IAM::Role', ARN: role(target) }],
})

const registeredBy = (caller: string, target: string, id: string, time: string): string =>
  JSON.stringify({
    ...allowedRecord(caller, id, time),
    requestParameters: { family: 'orders', taskRoleArn: role(target) },
  })

/** Records that resemble denials: a text that quotes a denial, other denials, other errors, another Region. */
function otherCall(at: number, id: string, time: string, chance: number): string {
  const record = allowedRecord(`deployer-${at % PAIRS}`, id, time)
  const description = 'not authorized to perform: iam:PassRole on resource: "arn:aws:iam::111122223333:role/x" {[\\'
  const call = {
    ...record,
    eventSource: 'ec2.amazonaws.com',
    eventName: 'DescribeInstances',
    readOnly: true,
    requestParameters: { filterSet: { items: [{ name: 'tag:note', valueSet: { items: [{ value: description }] } }] } },
    responseElements: null,
    requestID: `${id}-request`,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: 'ec2.eu-west-1.amazonaws.com',
    },
  }
  if (chance > 0.98)
    return JSON.stringify({
      ...call,
      eventSource: 's3.amazonaws.com',
      eventName: 'GetObject',
      errorCode: 'AccessDenied',
      errorMessage: 'User: x is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/k"',
    })
  if (chance > 0.95)
    return JSON.stringify({ ...call, awsRegion: 'us-east-1', errorCode: 'Client.InvalidInstanceID.NotFound' })
  return JSON.stringify(call)
}

function account(): string {
  const numbers = Array.from({ length: PAIRS + MIDNIGHT + STORM }, (_, at) => at)
  const readers = Array.from({ length: READERS }, (_, at) => role(`deployer-${at}`))
  return JSON.stringify({
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: [
      ...numbers.flatMap(at => [
        detail(`deployer-${at}`, 'codebuild.amazonaws.com', [{ Effect: 'Allow', Action: 'ecs:*', Resource: '*' }]),
        detail(`task-${at}`, 'ecs-tasks.amazonaws.com', [
          { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: `arn:aws:sqs:eu-west-1:${ACCOUNT}:orders` },
        ]),
      ]),
      detail('publisher', 'codebuild.amazonaws.com', [
        { Effect: 'Allow', Action: 'iam:PassRole', Resource: role('task-*') },
      ]),
      detail('shared-worker', 'lambda.amazonaws.com', []),
      detail('shared-reader', { AWS: readers }, []),
    ],
    Policies: [],
  })
}
