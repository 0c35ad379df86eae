/** Cards are drawn by modules that are read with the first of them; plain text needs none of these. */
import type { Drawing } from '../../ports/drawing.ts'
import { renderText } from '../slack/blocks/plain.ts'
import { lazyImport } from './lazy-import.ts'
import type { DrawingDeps } from './slack-drawing.ts'

export function lazyDrawing(deps: DrawingDeps): Drawing {
  const drawing = lazyImport(async () => (await import('./slack-drawing.ts')).slackDrawing(deps))
  return {
    card: async (proposal, nowMs) => (await drawing()).card(proposal, nowMs),
    alert: async alert => (await drawing()).alert(alert),
    text: renderText,
  }
}
