import type { FunctionName } from './bundle.ts'

/** Fixed names, because other accounts and the bot's configuration refer to them. */
export const PREFIX = 'rolemedic'

export const nameOf = (name: FunctionName | 'write'): string => `${PREFIX}-${name}`
/** With the path, as in ARNs after `role/`. */
export const withPath = ({ rolePath }: { readonly rolePath: string }, role: string): string =>
  `${rolePath.slice(1)}${role}`
export const READER_ROLE = `${PREFIX}-reader`
/** The functions that the reader role trusts. */
export const READERS = ['intake', 'propose', 'apply', 'alert'] as const satisfies readonly FunctionName[]
export const WRITER_ROLE = `${PREFIX}-writer`
export const WRITER_BOUNDARY = `${PREFIX}-writer-boundary`
/** One per Region: role names are unique in the account. */
export const FORWARDER_ROLE = `${PREFIX}-forward`
/** One per Region that sends heartbeats. */
export const HEARTBEAT_ROLE = `${PREFIX}-heartbeat`
/** The schedule group in EventBridge Scheduler. */
export const SCHEDULE_GROUP = PREFIX
export const HUB_BUS = PREFIX
/** One per Region that forwards events. */
export const FORWARD_DEAD = `${PREFIX}-forward-dead`
/** The name in Secrets Manager. */
export const BOT_TOKEN_SECRET = `${PREFIX}/slack-bot-token`
export const SIGNING_SECRET = `${PREFIX}/slack-signing-secret`
/** The secret with keys and tokens of Git hosts. */
export const GIT_HOSTS_SECRET = `${PREFIX}/git-hosts`
/** The namespace that the functions write their metrics to. */
export const METRICS = 'Rolemedic'
/** The bot never changes a role, user or policy with this tag, whatever its value. */
export const PROTECTED_TAG = 'rolemedic:protected'
/** KMS aliases of the signing keys. */
export const DECISIONS_KEY_ALIAS = `${PREFIX}-decisions`
export const AUDIT_KEY_ALIAS = `${PREFIX}-audit`
/** The key prefix of the audit log's objects in its bucket. */
export const AUDIT_PREFIX = 'audit'

/**
 * The prefixes next to the audit log, and the one function that puts objects below each. Null: nobody does. `verify` and `write` are to
 * take the place of `apply`; until then nobody puts what is theirs.
 */
export const LEDGER_WRITERS = {
  spent: 'write',
  written: 'write',
  ended: 'write',
  outcomes: 'write',
  rejected: 'decide',
  revoked: null,
} as const satisfies { readonly [prefix: string]: FunctionName | 'write' | null }
