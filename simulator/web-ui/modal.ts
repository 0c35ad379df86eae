/** The open form of a user. */

import { type Html, html } from '../../functions/domain/messages/index.ts'
import type { OpenView } from '../fake-slack/fake-slack.ts'
import { renderBlocks } from './blocks.ts'

export function renderModal(open: OpenView): Html {
  const view = open.view as {
    title?: { text?: string }
    submit?: { text?: string }
    close?: { text?: string }
    blocks?: readonly object[]
  }
  return html`<form class="modal" data-view="${open.id}">
    <h2 id="modal-title">${view.title?.text ?? ''}</h2>
    <div class="dialog-body" tabindex="0">${inputGroups(view.blocks ?? []).map(part => renderInput(part[0]) ?? renderBlocks({ blocks: part, time: null }))}</div>
    <p class="form-error" role="alert"></p>
    <menu>
      <button type="button" data-close>${view.close?.text ?? 'Close'}</button>
      ${view.submit === undefined ? '' : html`<button type="submit">${view.submit.text ?? 'Submit'}</button>`}
    </menu>
  </form>`
}

/** Groups the blocks: each input alone, other blocks together. */
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

/** Own markup, because the renderer's input field shows its placeholder over the typed text. Null for other blocks. */
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
