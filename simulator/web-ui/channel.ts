/** The channel as one user sees it: the bot's real Block Kit JSON, rendered on the server. */
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { type Block, Message } from 'slack-blocks-to-jsx'
import type { OpenView, StoredMessage } from '../fake-slack/fake-slack.ts'
import { SAMPLE_USERS } from '../sample-users.ts'
import { type Html, html, trusted } from './html.ts'

/** Prevents the renderer from interpreting markup where Slack shows the plain characters. */
const WORD_JOINER = '\u2060'

/** Emoji short names stay text, because the bot sends emoji as characters. */
const MESSAGE_PROPS = {
  name: 'rolemedic',
  logo: '/logo.svg',
  data: { users: SAMPLE_USERS.map(({ id, name }) => ({ id, name })) },
  hooks: { emoji: ({ name }: { name: string }) => `:${name.replace(/^:|:$/g, '')}:` },
}

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
    return html`<article class="card" data-channel="${root.channel}" data-ts="${root.ts}">
      ${audience(root)}
      ${renderMessage(root)}
      ${replies.filter(({ broadcast }) => broadcast === true).map(renderReply)}
      ${inThread.length === 0 ? '' : html`<details class="thread"><summary>${inThread.length} in the thread</summary>${inThread.map(renderReply)}</details>`}
    </article>`
  })}`
}

const MAX_EPHEMERALS = 3

/** Shows repeated answers once and drops old ones, which Slack does not keep either. */
function newestEphemerals(ephemerals: readonly StoredMessage[]): ReadonlySet<StoredMessage> {
  const byContent = new Map(ephemerals.map(message => [JSON.stringify([message.text, message.blocks]), message]))
  const newest = [...byContent.values()].sort((one, other) => Number(other.ts) - Number(one.ts))
  return new Set(newest.slice(0, MAX_EPHEMERALS))
}

const renderReply = (reply: StoredMessage): Html =>
  html`<div class="reply" data-channel="${reply.channel}" data-ts="${reply.ts}">${audience(reply)}${renderMessage(reply)}</div>`

const audience = ({ ephemeralFor }: StoredMessage): Html | '' =>
  ephemeralFor === null ? '' : html`<p class="ephemeral">Only visible to you</p>`

export function renderModal(open: OpenView): Html {
  const view = open.view as {
    title?: { text?: string }
    submit?: { text?: string }
    close?: { text?: string }
    blocks?: readonly object[]
  }
  return html`<form class="modal" data-view="${open.id}">
    <h2 id="modal-title">${view.title?.text ?? ''}</h2>
    <div class="modal-body">${inputGroups(view.blocks ?? []).map(part => renderInput(part[0]) ?? renderBlocks(part))}</div>
    <p class="form-error" role="alert"></p>
    <menu>
      <button type="button" data-close>${view.close?.text ?? 'Close'}</button>
      ${view.submit === undefined ? '' : html`<button type="submit">${view.submit.text ?? 'Submit'}</button>`}
    </menu>
  </form>`
}

/** Groups the blocks: each input alone, consecutive other blocks together. */
function inputGroups(blocks: readonly object[]): readonly (readonly object[])[] {
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

/** Own markup, because the renderer's input field shows its placeholder over typed text. Null for other blocks. */
function renderInput(block: object | undefined): Html | null {
  const { type, label, element } = (block ?? {}) as InputBlock
  if (type !== 'input' || element?.type !== 'plain_text_input') return null
  const maxLength = element.max_length ?? MAX_INPUT_LENGTH
  const field =
    element.multiline === true
      ? html`<textarea rows="4" maxlength="${maxLength}" required autofocus></textarea>`
      : html`<input maxlength="${maxLength}" required autofocus>`
  return html`<label class="field">${label?.text ?? ''}${field}</label>`
}

type InputBlock = {
  readonly type?: string
  readonly label?: { readonly text?: string }
  readonly element?: { readonly type?: string; readonly multiline?: boolean; readonly max_length?: number }
}
/** Slack's own limit. */
const MAX_INPUT_LENGTH = 3_000

/** Cache: each state of a message is rendered once, while the page requests the whole channel at every change. */
const rendered = new WeakMap<StoredMessage, Html>()

function renderMessage(message: StoredMessage): Html {
  const known = rendered.get(message)
  if (known !== undefined) return known
  const time = new Date(Number(message.ts) * 1000)
  const fallback = [{ type: 'section', text: { type: 'mrkdwn', text: message.text } }]
  const blocks = message.blocks.length === 0 ? fallback : message.blocks
  const markup = trusted(
    renderToStaticMarkup(createElement(Message, { ...MESSAGE_PROPS, time, blocks: withoutMarkup(blocks) as Block[] })),
  )
  rendered.set(message, markup)
  return markup
}

function renderBlocks(blocks: readonly object[]): Html {
  const props = { ...MESSAGE_PROPS, time: new Date(0), blocks: withoutMarkup(blocks) as Block[] }
  return trusted(renderToStaticMarkup(createElement(Message, { ...props, withoutWrapper: true })))
}

/**
 * Unlike Slack, the renderer interprets markup in plain text and in escaped text, and treats a bare @here as a mention. A word
 * joiner after each opening character prevents that.
 */
function withoutMarkup(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarkup)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const type = (value as { type?: unknown }).type
  return Object.fromEntries(
    entries.map(([key, member]) => {
      if (key !== 'text' || typeof member !== 'string') return [key, withoutMarkup(member)]
      if (type === 'plain_text') return [key, member.replace(/[<&@]/g, sign => sign + WORD_JOINER)]
      return [key, type === 'mrkdwn' ? member.replace(/&lt;|(?<!<)@/g, sign => sign + WORD_JOINER) : member]
    }),
  )
}
