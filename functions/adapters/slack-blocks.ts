/** How things look in Slack: the port `Drawing`, as Block Kit. */
import { cardOf } from '../core/card/card.ts'
import type { Config } from '../core/config/config.ts'
import type { Chat, Drawing } from '../core/ports.ts'
import type { SideDrawing } from '../core/proposal/card-place.ts'
import { decidersOf } from '../core/proposal/rights.ts'
import { renderAlert } from './slack-blocks/alert.ts'
import { renderCard } from './slack-blocks/card.ts'
import { renderCode } from './slack-blocks/code.ts'
import { renderList } from './slack-blocks/list.ts'
import { renderForm } from './slack-blocks/modals.ts'
import { renderText } from './slack-blocks/plain.ts'

export type DrawingDeps = {
  readonly config: Config
  readonly chat: Pick<Chat, 'groupMembers' | 'userByEmail'>
}

export function slackDrawing({ config, chat }: DrawingDeps): Drawing & SideDrawing {
  return {
    async card(proposal, nowMs) {
      const deciders = await decidersOf(proposal, config, chat)
      return renderCard(cardOf(proposal, { config, nowMs, ...deciders }))
    },
    form: (form, proposal) => renderForm(form, proposal, { config }),
    alert: renderAlert,
    text: renderText,
    list: renderList,
    code: renderCode,
  }
}
