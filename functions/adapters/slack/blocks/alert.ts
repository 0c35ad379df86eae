/** The alert of a failed deploy: what broke it, a command to copy, a link to the console. */

import { neutralText, shortened } from '../../../../core/base/index.ts'
import { alertText, type DeployAlert } from '../../../domain/deploy/index.ts'
import type { ChatMessage } from '../../../domain/messages/index.ts'
import { preformatted } from './card.ts'
import { LIMITS, messageBreaches } from './limits.ts'
import { dated, escapedWithin } from './text.ts'

/** Console links, including a stack's ARN, are far shorter. */
const LONGEST_LINK_CHARS = 1_500

export function renderAlert(alert: DeployAlert): ChatMessage {
  const text = escapedWithin(alertText(alert).replaceAll('\n', ' '), LIMITS.messageText)
  for (const lineChars of [600, 200, 80]) {
    const blocks = blocksOf(alert, lineChars)
    if (messageBreaches(blocks).length === 0) return { text, blocks }
  }
  return { text, blocks: blocksOf({ ...alert, lines: alert.lines.slice(0, 3), command: null }, 80) }
}

function blocksOf({ headline, run, lines, command, link }: DeployAlert, lineChars: number): readonly object[] {
  const inline = (line: string, style?: object) => dated(shortened(neutralText(line) || '–', lineChars), style)
  const open =
    link.length > LONGEST_LINK_CHARS ? [] : [NEW_LINE, { type: 'link', url: link, text: 'Open it in the console' }]
  const begun = run === null ? [] : [NEW_LINE, ...inline(run.line)]
  const page =
    run === null || run.link === null
      ? []
      : [
          { type: 'text', text: ' ' },
          { type: 'link', url: run.link, text: 'Open the run' },
        ]
  const words = [
    ...inline(headline, { bold: true }),
    ...begun,
    ...page,
    ...lines.flatMap(line => [NEW_LINE, ...inline(line)]),
    ...open,
  ]
  const section = { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: words }] }
  return [section, ...(command === null ? [] : [preformatted(neutralText(command))])]
}

const NEW_LINE = { type: 'text', text: '\n' }
