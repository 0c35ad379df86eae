/** How things look in Slack: the port `Drawing`, as Block Kit. */
import { cardOf } from '../../domain/card/card.ts'
import type { Config } from '../../domain/config/config.ts'
import type { Chat } from '../../ports/chat.ts'
import type { Drawing } from '../../ports/drawing.ts'
import { decidersOf } from '../../workflows/approval/approval-summary.ts'
import { renderAlert } from '../slack/blocks/alert.ts'
import { renderCard } from '../slack/blocks/card.ts'
import { renderText } from '../slack/blocks/plain.ts'

export type DrawingDeps = {
  readonly config: Config
  readonly chat: Pick<Chat, 'groupMembers' | 'userByEmail'>
}

export function slackDrawing({ config, chat }: DrawingDeps): Drawing {
  return {
    async card(proposal, nowMs) {
      const deciders = await decidersOf(proposal, config, chat, nowMs)
      return renderCard(cardOf(proposal, { config, nowMs, ...deciders }))
    },
    alert: renderAlert,
    text: renderText,
  }
}
