/** `ChatRenderer` over Slack's blocks. Cards, alerts, forms and Home tabs load with the first of them; plain text needs none. */

import type { ChatRenderer, CodeRenderer, SideRenderer } from '../../ports/renderer.ts'
import { renderCode } from './blocks/code.ts'
import { renderList } from './blocks/list.ts'
import { renderLines, renderText } from './blocks/plain.ts'

export const SLACK_RENDERER: ChatRenderer = {
  async card(card) {
    return (await import('./blocks/card.ts')).renderCard(card)
  },
  async evidence(evidence) {
    return (await import('./blocks/evidence.ts')).renderEvidence(evidence)
  },
  async alert(alert) {
    return (await import('./blocks/alert.ts')).renderAlert(alert)
  },
  async notice(card) {
    return (await import('./blocks/notice-card.ts')).renderNotice(card)
  },
  async form(form, proposal, options) {
    return (await import('./blocks/modals.ts')).renderForm(form, proposal, options)
  },
  async home(home) {
    return (await import('./blocks/home.ts')).renderHome(home)
  },
  async lists(lists) {
    return (await import('./blocks/home.ts')).renderLists(lists)
  },
  text: renderText,
  lines: renderLines,
}

export const slackSideRenderer: SideRenderer & CodeRenderer = { list: renderList, code: renderCode }
