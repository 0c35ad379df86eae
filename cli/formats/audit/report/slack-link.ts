import { UsageError } from '../../../../core/base/index.ts'
import { isChatId } from '../../../../functions/domain/config/index.ts'
import type { RecordedCard } from '../../../../functions/domain/messages/index.ts'

/** The origin of a workspace, such as `https://acme.slack.com`. */
export function workspaceUrl(text: string): string {
  const wrong = new UsageError('--slack takes the address of the workspace, like https://acme.slack.com')
  if (!URL.canParse(text)) throw wrong
  const { protocol, origin, pathname, search, hash, username } = new URL(text)
  if (protocol !== 'https:' || pathname !== '/' || `${search}${hash}${username}` !== '') throw wrong
  return origin
}

/**
 * The link to a message, in the form of `chat.getPermalink`, or without the workspace's URL the link that opens the Slack app.
 * Null: neither is known, or the record names no message. The record comes from the log, so its form is checked.
 * https://docs.slack.dev/reference/methods/chat.getPermalink · https://docs.slack.dev/interactivity/deep-linking
 */
export function slackLink(card: RecordedCard | null, workspace: string | null, teamId: string | null): string | null {
  if (card === null || !isChannel(card.channel) || !isTimestamp(card.ts)) return null
  const { channel, ts, threadTs } = card
  if (workspace !== null) {
    const thread = threadTs !== undefined && isTimestamp(threadTs) ? `?thread_ts=${threadTs}&cid=${channel}` : ''
    return `${workspace}/archives/${channel}/p${ts.replace('.', '')}${thread}`
  }
  return teamId !== null && /^[TE][A-Z0-9]{1,31}$/.test(teamId)
    ? `slack://channel?team=${teamId}&id=${channel}&message=${ts}`
    : null
}

const isChannel = (id: unknown): boolean => typeof id === 'string' && isChatId('channel', id)
const isTimestamp = (ts: unknown): boolean => typeof ts === 'string' && /^\d{1,12}\.\d{1,9}$/.test(ts)
