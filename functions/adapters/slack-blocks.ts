/** How things look in Slack: the port `Drawing`, as Block Kit. */
import { cardOf } from '../core/card.ts'
import type { Config } from '../core/config.ts'
import type { PolicyChange } from '../core/patch.ts'
import type { Chat, Drawing } from '../core/ports.ts'
import { decidersOf } from '../core/rights.ts'
import { renderCard } from './slack-blocks/card.ts'
import { type CodeForm, renderForm } from './slack-blocks/modals.ts'
import { renderText } from './slack-blocks/plain.ts'

export type DrawingDeps = {
  readonly config: Config
  readonly chat: Pick<Chat, 'groupMembers' | 'userByEmail'>
  readonly asCode?: (change: PolicyChange) => readonly CodeForm[]
}

export function slackDrawing({ config, chat, asCode = () => [] }: DrawingDeps): Drawing {
  return {
    async card(proposal, nowMs) {
      const deciders = await decidersOf(proposal, config, chat)
      return renderCard(cardOf(proposal, { config, nowMs, ...deciders }))
    },
    form: (form, proposal) => renderForm(form, proposal, { config, asCode }),
    text: renderText,
  }
}
