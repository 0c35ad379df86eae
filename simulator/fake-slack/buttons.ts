/** The buttons of blocks, as the page shows and presses them. */
import * as z from 'zod'

const text = z.object({ type: z.enum(['plain_text', 'mrkdwn']), text: z.string() })
const button = z.object({
  type: z.literal('button'),
  action_id: z._default(z.string(), ''),
  value: z._default(z.string(), ''),
  url: z._default(z.nullable(z.string()), null),
  confirm: z._default(
    z.nullable(
      z.object({ title: text, text, confirm: text, deny: text, style: z.optional(z.enum(['primary', 'danger'])) }),
    ),
    null,
  ),
})

/** As Slack sends it back. */
export type Button = { readonly action_id: string; readonly block_id: string; readonly value: string }

export type ShownButton = Button & {
  /** Its position among the buttons of the same action, in display order. */
  readonly nth: number
  readonly url: string | null
  readonly confirm: z.infer<typeof button>['confirm']
}

export function shownButtons(blocks: readonly object[]): readonly ShownButton[] {
  const seen = new Map<string, number>()
  return blocks.flatMap(block => {
    const { block_id: blockId = '', elements, accessory } = block as RawBlock
    return [...(Array.isArray(elements) ? elements : []), accessory].flatMap(element => {
      const read = button.safeParse(element)
      if (!read.success) return []
      const { action_id, value, url, confirm } = read.data
      const nth = seen.get(action_id) ?? 0
      seen.set(action_id, nth + 1)
      return [{ action_id, block_id: blockId, value, nth, url, confirm }]
    })
  })
}

type RawBlock = { readonly block_id?: string; readonly elements?: unknown; readonly accessory?: unknown }
