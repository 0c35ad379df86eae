/** What the functions show, over what the chat can show. */

import { asPlainText } from '../../../core/base/index.ts'
import { denialTitle } from '../../../core/denial/index.ts'
import type { Config } from '../../domain/config/index.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'
import type { Chat } from '../../ports/chat.ts'
import type { AnswerRenderer, FormRenderer, HomeRenderer, Renderer } from '../../ports/renderer.ts'
import { CHAT_RENDERER as shown } from './chat/chat.ts'

export type RendererDeps = {
  readonly config: Config
  readonly chat: Pick<Chat, 'groupMembers' | 'userByEmail' | 'membership'>
  readonly units: AccountUnits
}

export function cardRenderer({
  config,
  chat,
  units,
}: RendererDeps): Renderer & FormRenderer & HomeRenderer & AnswerRenderer {
  return {
    ...shown,
    async card(proposal, nowMs, deploys = []) {
      const [{ approvalSummaryOf }, { decidingMode, withoutFaults }, { cardOf }] = await Promise.all([
        import('../../workflows/approval/approval-summary.ts'),
        import('../../workflows/approval/account-mode.ts'),
        import('../../domain/card/card.ts'),
      ])
      const [summary, mode] = await Promise.all([
        approvalSummaryOf(proposal, config, chat, nowMs),
        decidingMode(proposal, { config, units: withoutFaults(units) }),
      ])
      return shown.card(cardOf(proposal, { config, nowMs, mode, deploys, ...summary }))
    },
    async evidence(proposal, { calls = false } = {}) {
      const { cardEvidence } = await import('../../domain/card/evidence.ts')
      const evidence = cardEvidence(proposal, config)
      if (!calls || proposal.status !== 'open') return shown.evidence(evidence)
      const { calledFor } = await import('../../workflows/approval/approval-summary.ts')
      const mention = await calledFor(proposal, { config, chat, units })
      const about = asPlainText(denialTitle(proposal.denial))
      return shown.evidence(mention.length === 0 ? evidence : { ...evidence, calls: { mention, about } })
    },
    form: (form, proposal, at) => shown.form(form, proposal, { config, at }),
  }
}
