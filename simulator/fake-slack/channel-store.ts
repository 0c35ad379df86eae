import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { UsageError } from '../../core/base/index.ts'

export type MessageMetadata = { readonly event_type: string; readonly event_payload: object }

export type StoredMessage = {
  readonly channel: string
  /** Slack's message id: seconds and a six-digit serial, increasing within a channel. */
  readonly ts: string
  readonly text: string
  readonly blocks: readonly object[]
  /** The root message of its thread; null for a message in the channel. */
  readonly threadTs: string | null
  /** A thread reply that is also shown in the channel. */
  readonly broadcast?: boolean
  /** The only user who sees it. Null: everyone. */
  readonly ephemeralFor: string | null
  readonly updatedCount: number
  readonly metadata: MessageMetadata | null
  /** Absent for the bot's own messages. */
  readonly botId?: string
}

export type ChannelStore = {
  add(message: Omit<StoredMessage, 'ts' | 'updatedCount'>): StoredMessage
  /** Null: there is no such message, or it is ephemeral, which Slack cannot update. */
  update(channel: string, ts: string, change: Pick<StoredMessage, 'text' | 'blocks'>): StoredMessage | null
  find(channel: string, ts: string): StoredMessage | null
  all(): readonly StoredMessage[]
}

/** Messages in memory, and in a JSON file if `path` is given. */
export function channelStore(path: string | null, now: () => number): ChannelStore {
  const before = path !== null && existsSync(path) ? read(path) : []
  const messages = new Map(before.map(message => [keyOf(message.channel, message.ts), message]))
  let lastMicros = before.reduce((last, { ts }) => Math.max(last, micros(ts)), 0)

  function keep(message: StoredMessage): void {
    messages.set(keyOf(message.channel, message.ts), message)
    if (path === null) return
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.part`, JSON.stringify({ messages: [...messages.values()] }))
    renameSync(`${path}.part`, path)
  }

  return {
    add(message) {
      lastMicros = Math.max(now() * 1000, lastMicros + 1)
      const added = { ...message, ts: timestamp(lastMicros), updatedCount: 0 }
      keep(added)
      return added
    },
    update(channel, ts, change) {
      const current = messages.get(keyOf(channel, ts))
      if (current === undefined || current.ephemeralFor !== null) return null
      const next = { ...current, ...change, updatedCount: current.updatedCount + 1 }
      keep(next)
      return next
    },
    find: (channel, ts) => messages.get(keyOf(channel, ts)) ?? null,
    all: () => [...messages.values()],
  }
}

function read(path: string): readonly StoredMessage[] {
  const unusable = (cause?: unknown) =>
    new UsageError(`${path} does not contain messages: delete it to start with an empty channel`, { cause })
  const text = readFileSync(path, 'utf8')
  let state: unknown
  try {
    state = JSON.parse(text)
  } catch (cause) {
    throw unusable(cause)
  }
  if (typeof state !== 'object' || state === null || !('messages' in state) || !Array.isArray(state.messages))
    throw unusable()
  return state.messages
}

const keyOf = (channel: string, ts: string): string => `${channel} ${ts}`
const micros = (ts: string): number => Math.round(Number(ts) * 1_000_000)
const timestamp = (value: number): string => {
  const digits = String(Math.floor(value)).padStart(16, '0')
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`
}
