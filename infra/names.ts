import type { KeyUse } from '../functions/domain/authority/index.ts'
import type { ConsumedQueue } from './capacity.ts'
import type { FunctionName } from './functions.ts'

/** Fixed names, because other accounts and the bot's configuration refer to them. */
export const PREFIX = 'rolemedic'

export const nameOf = (name: FunctionName | 'write'): string => `${PREFIX}-${name}`
/** With the path, as in ARNs after `role/`. */
export const withPath = ({ rolePath }: { readonly rolePath: string }, role: string): string =>
  `${rolePath.slice(1)}${role}`
export const READER_ROLE = `${PREFIX}-reader`
/** The functions that the reader role lets in. */
export const READERS = ['intake', 'propose', 'verify', 'alert'] as const satisfies readonly FunctionName[]
export const WRITER_ROLE = `${PREFIX}-writer`
/** The one function that the writer role lets in. */
export const WRITER = 'write' satisfies FunctionName
export const WRITER_BOUNDARY = `${PREFIX}-writer-boundary`
/** One per Region: role names are unique in the account. */
export const FORWARDER_ROLE = `${PREFIX}-forward`
/** One per Region that sends heartbeats. */
export const HEARTBEAT_ROLE = `${PREFIX}-heartbeat`
/** The schedule group in EventBridge Scheduler. */
export const SCHEDULE_GROUP = PREFIX
/** The alert topic, and the alias of its key. */
export const ALERTS = `${PREFIX}-alerts`
export const HUB_BUS = PREFIX
/** The rule that makes canaries once a day. */
export const CANARY_SCHEDULE = `${PREFIX}-canary`
/** One per Region that forwards events. */
export const FORWARD_DEAD = `${PREFIX}-forward-dead`
/** The secret with keys and tokens of Git hosts. */
export const GIT_HOSTS_SECRET = `${PREFIX}/git-hosts`
/** The namespace that the functions write their metrics to. */
export const METRICS = 'Rolemedic'
/** The bot never changes a role, user or policy with this tag, whatever its value. */
export const PROTECTED_TAG = 'rolemedic:protected'
/** Who signs with the key of each use. `audit` is the key of a function that was there before: nobody signs with it. */
export const SIGNERS = {
  decisions: 'decide',
  attestations: 'verify',
  outcomes: 'write',
  enrollments: 'enroll',
  audit: null,
} as const satisfies {
  readonly [use in KeyUse]: FunctionName | null
}
/** The KMS alias of a signing key; `generation` counts the keys of one use, from 1. */
export const keyAlias = (use: KeyUse, generation = 1): string =>
  `${PREFIX}-${use}${generation === 1 ? '' : `-${generation}`}`
/** In the description of a signing key that another one took the place of, before the time: `audit keys --live` reads it. */
export const RETIRED_AT = 'retired at '
/** Of the audit log's objects in its bucket. */
export const AUDIT_PREFIX = 'audit'
/** Beside it, and who alone puts objects below each. */
export const LEDGER_WRITERS = {
  spent: 'write',
  written: 'write',
  ended: 'write',
  outcomes: 'write',
  rejected: 'decide',
  members: 'decide',
  enrolled: 'enroll',
  revoked: 'enroll',
} as const satisfies { readonly [prefix: string]: FunctionName }
export type LedgerPrefix = keyof typeof LEDGER_WRITERS
/** Who alone sends to a queue that something is written after. The others take events, or work that changes nothing in IAM. */
export const SENDERS = {
  verify: ['decide', 'sweep'],
  write: ['verify'],
  outcome: ['write'],
} as const satisfies { readonly [queue in ConsumedQueue]?: readonly FunctionName[] }
/** Messages of one target, or of one proposal, come in order. */
const FIFO: readonly string[] = ['verify', 'write', 'apply']
export const queueName = (name: string): string => `${PREFIX}-${name}${FIFO.includes(name) ? '.fifo' : ''}`
/** A FIFO queue's dead letters go to a FIFO queue. */
export const deadLettersName = (name: string): string => `${PREFIX}-${name}-dead${FIFO.includes(name) ? '.fifo' : ''}`
