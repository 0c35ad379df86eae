/** The channel as one person sees it: the bot's real Block Kit JSON, rendered on the server. */
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { type Block, Message } from 'slack-blocks-to-jsx'
import type { OpenView, StoredMessage } from '../fake-slack/fake-slack.ts'
import { PEOPLE } from '../sample-users.ts'
import { type Html, html, trusted } from './html.ts'

/** Keeps the renderer from reading mark-up where Slack would show the characters themselves. */
const WORD_JOINER = '\u2060'

/** An emoji's short name stays text: the bot sends emoji as the characters they are. */
const LOOKS = {
  name: 'rolemedic',
  logo: '/logo.svg',
  data: { users: PEOPLE.map(({ id, name }) => ({ id, name })) },
  hooks: { emoji: ({ name }: { name: string }) => `:${name.replace(/^:|:$/g, '')}:` },
}

/** Newest root message first, each with its thread; whispers only for whom they are meant. */
export function renderChannel(messages: readonly StoredMessage[], viewer: string): Html {
  const whispers = newestWhispers(messages.filter(({ ephemeralFor }) => ephemeralFor === viewer))
  const visible = messages.filter(message => message.ephemeralFor === null || whispers.has(message))
  const roots = visible.filter(message => message.threadTs === null).reverse()
  if (roots.length === 0) return html`<p class="quiet">No card yet. A denial waits a moment before it is diagnosed.</p>`
  return html`${roots.map(root => {
    const replies = visible.filter(message => message.threadTs === root.ts)
    const inThread = replies.filter(({ broadcast }) => broadcast !== true)
    return html`<article class="card" data-channel="${root.channel}" data-ts="${root.ts}">
      ${audience(root)}
      ${renderMessage(root)}
      ${replies.filter(({ broadcast }) => broadcast === true).map(renderReply)}
      ${inThread.length === 0 ? '' : html`<details class="thread"><summary>${inThread.length} in the thread</summary>${inThread.map(renderReply)}</details>`}
    </article>`
  })}`
}

const MAX_WHISPERS = 3

/** The same answer again takes the place of the earlier one, and older ones go: Slack forgets them too. */
function newestWhispers(whispers: readonly StoredMessage[]): ReadonlySet<StoredMessage> {
  const saying = new Map(
    whispers.map(postEphemeral => [JSON.stringify([postEphemeral.text, postEphemeral.blocks]), postEphemeral]),
  )
  const newest = [...saying.values()].sort((one, other) => Number(other.ts) - Number(one.ts))
  return new Set(newest.slice(0, MAX_WHISPERS))
}

const renderReply = (reply: StoredMessage): Html =>
  html`<div class="reply" data-channel="${reply.channel}" data-ts="${reply.ts}">${audience(reply)}${renderMessage(reply)}</div>`

const audience = ({ ephemeralFor }: StoredMessage): Html | '' =>
  ephemeralFor === null ? '' : html`<p class="whisper">Only visible to you</p>`

export function renderModal(open: OpenView): Html {
  const view = open.view as {
    title?: { text?: string }
    submit?: { text?: string }
    close?: { text?: string }
    blocks?: readonly object[]
  }
  return html`<form class="modal" data-view="${open.id}">
    <h2 id="modal-title">${view.title?.text ?? ''}</h2>
    <div class="modal-body">${parted(view.blocks ?? []).map(part => renderInput(part[0]) ?? renderBlocks(part))}</div>
    <p class="complaint" role="alert"></p>
    <menu>
      <button type="button" data-close>${view.close?.text ?? 'Close'}</button>
      ${view.submit === undefined ? '' : html`<button type="submit">${view.submit.text ?? 'Submit'}</button>`}
    </menu>
  </form>`
}

/** Each input by itself, and the blocks between them together. */
function parted(blocks: readonly object[]): readonly (readonly object[])[] {
  const parts: object[][] = []
  let open = false
  for (const block of blocks) {
    const alone = (block as InputBlock).type === 'input'
    if (alone || !open) parts.push([block])
    else parts.at(-1)?.push(block)
    open = !alone
  }
  return parts
}

/** Drawn here, as the renderer's own field keeps its placeholder over what is typed. Null: the block is no input. */
function renderInput(block: object | undefined): Html | null {
  const { type, label, element } = (block ?? {}) as InputBlock
  if (type !== 'input' || element?.type !== 'plain_text_input') return null
  const most = element.max_length ?? LONGEST_INPUT
  const field =
    element.multiline === true
      ? html`<textarea rows="4" maxlength="${most}" required autofocus></textarea>`
      : html`<input maxlength="${most}" required autofocus>`
  return html`<label class="field">${label?.text ?? ''}${field}</label>`
}

type InputBlock = {
  readonly type?: string
  readonly label?: { readonly text?: string }
  readonly element?: { readonly type?: string; readonly multiline?: boolean; readonly max_length?: number }
}
/** Slack's own limit. */
const LONGEST_INPUT = 3_000

/** A message is drawn once for each of its states; the page asks for the whole channel at every change. */
const drawn = new WeakMap<StoredMessage, Html>()

function renderMessage(message: StoredMessage): Html {
  const known = drawn.get(message)
  if (known !== undefined) return known
  const time = new Date(Number(message.ts) * 1000)
  const fallback = [{ type: 'section', text: { type: 'mrkdwn', text: message.text } }]
  const blocks = message.blocks.length === 0 ? fallback : message.blocks
  const fresh = trusted(
    renderToStaticMarkup(createElement(Message, { ...LOOKS, time, blocks: shielded(blocks) as Block[] })),
  )
  drawn.set(message, fresh)
  return fresh
}

function renderBlocks(blocks: readonly object[]): Html {
  const props = { ...LOOKS, time: new Date(0), blocks: shielded(blocks) as Block[] }
  return trusted(renderToStaticMarkup(createElement(Message, { ...props, withoutWrapper: true })))
}

/**
 * The renderer reads Slack's mark-up in plain text and in escaped text too, and takes a bare @here for a mention; Slack
 * does none of these. A word joiner behind each opening character keeps such text as it is.
 */
function shielded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shielded)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const type = (value as { type?: unknown }).type
  return Object.fromEntries(
    entries.map(([key, member]) => {
      if (key !== 'text' || typeof member !== 'string') return [key, shielded(member)]
      if (type === 'plain_text') return [key, member.replace(/[<&@]/g, sign => sign + WORD_JOINER)]
      return [key, type === 'mrkdwn' ? member.replace(/&lt;|(?<!<)@/g, sign => sign + WORD_JOINER) : member]
    }),
  )
}
