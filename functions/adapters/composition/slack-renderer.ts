/** The renderer over Slack's blocks. Cards, alerts, forms and Home tabs load with the first of them; plain text needs none. */
import type { Config } from '../../domain/config/index.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'
import type { Chat } from '../../ports/chat.ts'
import type {
  AnswerRenderer,
  CodeRenderer,
  FormRenderer,
  HomeRenderer,
  Renderer,
  SideRenderer,
} from '../../ports/renderer.ts'
import { renderCode } from '../slack/blocks/code.ts'
import { renderList } from '../slack/blocks/list.ts'
import { renderLines, renderText } from '../slack/blocks/plain.ts'

export type RendererDeps = {
  readonly config: Config
  readonly chat: Pick<Chat, 'groupMembers' | 'userByEmail' | 'membership'>
  readonly units: AccountUnits
}

export function slackRenderer({
  config,
  chat,
  units,
}: RendererDeps): Renderer & FormRenderer & HomeRenderer & AnswerRenderer {
  return {
    async card(proposal, nowMs) {
      const [{ approvalSummaryOf }, { decidingMode, withoutFaults }, { cardOf }, { renderCard }] = await Promise.all([
        import('../../workflows/approval/approval-summary.ts'),
        import('../../workflows/approval/account-mode.ts'),
        import('../../domain/card/card.ts'),
        import('../slack/blocks/card.ts'),
      ])
      const [summary, mode] = await Promise.all([
        approvalSummaryOf(proposal, config, chat, nowMs),
        decidingMode(proposal, { config, units: withoutFaults(units) }),
      ])
      return renderCard(cardOf(proposal, { config, nowMs, mode, ...summary }))
    },
    async evidence(proposal) {
      const [{ cardEvidence }, { renderEvidence }] = await Promise.all([
        import('../../domain/card/evidence.ts'),
        import('../slack/blocks/evidence.ts'),
      ])
      return renderEvidence(cardEvidence(proposal, config))
    },
    async alert(alert) {
      return (await import('../slack/blocks/alert.ts')).renderAlert(alert)
    },
    async notice(card) {
      return (await import('../slack/blocks/notice-card.ts')).renderNotice(card)
    },
    async form(form, proposal, at) {
      return (await import('../slack/blocks/modals.ts')).renderForm(form, proposal, { config, at })
    },
    async home(home) {
      return (await import('../slack/blocks/home.ts')).renderHome(home)
    },
    text: renderText,
    lines: renderLines,
  }
}

export const slackSideRenderer: SideRenderer & CodeRenderer = { list: renderList, code: renderCode }
