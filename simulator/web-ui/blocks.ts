/** Renders Block Kit JSON on the server as Slack would show it. */
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { type Block, Message } from 'slack-blocks-to-jsx'
import { type Html, html, trusted } from '../../functions/domain/messages/index.ts'
import { type ShownButton, shownButtons } from '../fake-slack/buttons.ts'
import { SAMPLE_USERS } from '../sample-users.ts'

/** Prevents the renderer from interpreting markup where Slack shows the plain characters. */
const WORD_JOINER = '\u2060'

/** Emoji short names stay text, because the bot sends emoji as characters. */
const PROPS = {
  name: 'rolemedic',
  logo: '/logo.svg',
  data: { users: SAMPLE_USERS.map(({ id, name }) => ({ id, name })) },
  hooks: { emoji: ({ name }: { name: string }) => `:${name.replace(/^:|:$/g, '')}:` },
}

export type Shown = { readonly blocks: readonly object[]; readonly time: Date | null }

/** Without a time, shows only the blocks, without the message's logo, name and time. */
export function renderBlocks({ blocks, time }: Shown): Html {
  const props = { ...PROPS, time: time ?? new Date(0), blocks: withoutMarkup(blocks) as Block[] }
  const markup = renderToStaticMarkup(createElement(Message, { ...props, withoutWrapper: time === null }))
  const buttons = shownButtons(blocks)
  return html`${trusted(withMenus(withPullLinks(markup), buttons))}${buttons.map(renderMore)}`
}

/** The renderer opens its menu with a script that the page does not load. */
const MENU = /<div id="[^"]*" class="[^"]*slack_blocks_to_jsx__overflow_menu_element">.*?<\/button><\/div>/gs
function withMenus(markup: string, buttons: readonly ShownButton[]): string {
  const options = buttons.filter(({ type }) => type === 'overflow')
  return markup.replace(
    MENU,
    () =>
      html`<details class="more"><summary aria-label="More options">⋯</summary><ul>${options.map(({ id, label }) => html`<li><button type="button" class="choice" id="${id}">${label}</button></li>`)}</ul></details>`
        .html,
  )
}

/** A local pull request, or page for a passkey, has an http URL, so the bot shows it as text. Does not match inside a tag, after a quote. */
const OWN_PULL =
  /(?<!["'=/\w])http:\/\/(?:127\.0\.0\.1:\d{1,5}\/[\w.-]{1,100}\/[\w.-]{1,100}\/(?:pull|-\/merge_requests)\/\d{1,9}|localhost:\d{1,5}\/approve\/[0-9a-f]{32})(?![\w/])/g
const withPullLinks = (markup: string): string =>
  markup.replace(OWN_PULL, url => `<a href="${url}" target="_blank" rel="noopener noreferrer">${url}</a>`)

/** The parts of a button that the renderer ignores: value, URL and dialog. The page reads them from templates next to the blocks. */
function renderMore({ type, action_id, block_id, value, id, nth, confirm, url }: ShownButton): Html {
  const sent = JSON.stringify({ type, action_id, block_id, value })
  return html`<template data-action="${id}" data-nth="${nth}" data-sent="${sent}" data-url="${url ?? ''}">${confirm === null ? '' : renderConfirm(confirm)}</template>`
}

function renderConfirm({ title, text, confirm, deny, style }: NonNullable<ShownButton['confirm']>): Html {
  const blocks = [{ type: 'section', text }]
  return html`<form method="dialog">
    <h2 id="confirm-title">${title.text}</h2>
    <div class="dialog-body">${renderBlocks({ blocks, time: null })}</div>
    <menu>
      <button value="no" autofocus>${deny.text}</button>
      <button value="yes" class="${style ?? 'primary'}">${confirm.text}</button>
    </menu>
  </form>`
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
