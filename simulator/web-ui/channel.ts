/** The channel as one user sees it: the bot's real Block Kit JSON. */

import { type Html, html } from '../../functions/domain/messages/index.ts'
import type { StoredMessage } from '../fake-slack/fake-slack.ts'
import { renderBlocks } from './blocks.ts'

/** Newest root message first, each with its thread; ephemeral messages only for their recipient. */
export function renderChannel(messages: readonly StoredMessage[], viewer: string): Html {
  const ephemerals = newestEphemerals(messages.filter(({ ephemeralFor }) => ephemeralFor === viewer))
  const visible = messages.filter(message => message.ephemeralFor === null || ephemerals.has(message))
  const roots = visible.filter(message => message.threadTs === null).reverse()
  if (roots.length === 0)
    return html`<p class="quiet">No card yet. The bot waits a moment before it diagnoses a denial.</p>`
  return html`${roots.map(root => {
    const replies = visible.filter(message => message.threadTs === root.ts)
    const inThread = replies.filter(({ broadcast }) => broadcast !== true)
    return html`<article class="card" ${addressOf(root)}>
      ${audience(root)}
      ${renderMessage(root)}
      ${replies.filter(({ broadcast }) => broadcast === true).map(renderReply)}
      ${inThread.length === 0 ? '' : html`<details class="thread"><summary>${inThread.length} in the thread</summary>${inThread.map(renderReply)}</details>`}
    </article>`
  })}`
}

const MAX_EPHEMERALS = 3

/** Shows repeated ephemeral messages once and drops old ones, as Slack does not keep them either. */
function newestEphemerals(ephemerals: readonly StoredMessage[]): ReadonlySet<StoredMessage> {
  const byContent = new Map(ephemerals.map(message => [JSON.stringify([message.text, message.blocks]), message]))
  const newest = [...byContent.values()].sort((one, other) => Number(other.ts) - Number(one.ts))
  return new Set(newest.slice(0, MAX_EPHEMERALS))
}

const renderReply = (reply: StoredMessage): Html =>
  html`<div class="reply" ${addressOf(reply)}>${audience(reply)}${renderMessage(reply)}</div>`

/** The id in the page is the end of the message's permalink. */
const addressOf = ({ channel, ts }: StoredMessage): Html =>
  html`id="${channel}/p${ts.replace('.', '')}" data-channel="${channel}" data-ts="${ts}"`

const audience = ({ ephemeralFor }: StoredMessage): Html | '' =>
  ephemeralFor === null ? '' : html`<p class="ephemeral">Only visible to you</p>`

/** Caches each rendered state of a message, because the page requests the whole channel at every change. */
const rendered = new WeakMap<StoredMessage, Html>()

function renderMessage(message: StoredMessage): Html {
  const known = rendered.get(message)
  if (known !== undefined) return known
  const fallback = [{ type: 'section', text: { type: 'mrkdwn', text: message.text } }]
  const blocks = message.blocks.length === 0 ? fallback : message.blocks
  const markup = renderBlocks({ blocks, time: new Date(Number(message.ts) * 1000) })
  rendered.set(message, markup)
  return markup
}
