/** The buttons of blocks and the options of their menus, as the page shows and presses them. */
import * as z from 'zod'

const text = z.object({ type: z.enum(['plain_text', 'mrkdwn']), text: z.string() })
const button = z.object({
  type: z.literal('button'),
  text: z._default(text, { type: 'plain_text', text: '' }),
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

const menu = z.object({
  type: z.literal('overflow'),
  action_id: z._default(z.string(), ''),
  options: z.array(z.object({ text, value: z.string() })),
})

/** As Slack sends it back. Of an option of a menu, `value` is that of the option. */
export type Button = {
  readonly type: 'button' | 'overflow'
  readonly action_id: string
  readonly block_id: string
  readonly value: string
}

export type ShownButton = Button & {
  /** Its position among the buttons of the same action, in display order. */
  readonly nth: number
  readonly url: string | null
  readonly confirm: z.infer<typeof button>['confirm']
  /** The id in the page. */
  readonly id: string
  readonly label: string
}

export function shownButtons(blocks: readonly object[]): readonly ShownButton[] {
  const seen = new Map<string, number>()
  const nthOf = (id: string): number => {
    const nth = seen.get(id) ?? 0
    seen.set(id, nth + 1)
    return nth
  }
  return blocks.flatMap(block => {
    const { block_id: blockId = '', elements, accessory } = block as RawBlock
    return [...(Array.isArray(elements) ? elements : []), accessory].flatMap((element): readonly ShownButton[] => {
      const list = menu.safeParse(element)
      if (list.success) {
        const { action_id, options } = list.data
        return options.map(option => {
          const { value } = option
          const id = `${action_id}-${actionOf(value)}`
          const sent = { type: 'overflow' as const, action_id, block_id: blockId, value }
          return { ...sent, id, nth: nthOf(id), url: null, confirm: null, label: option.text.text }
        })
      }
      const read = button.safeParse(element)
      if (!read.success) return []
      const { action_id, value, url, confirm } = read.data
      const sent = { type: 'button' as const, action_id, block_id: blockId, value }
      return [{ ...sent, id: action_id, nth: nthOf(action_id), url, confirm, label: read.data.text.text }]
    })
  })
}

/** The action of an option, as the bot writes it. */
export const actionOf = (value: string): string => /^\??([a-z-]+) /.exec(value)?.[1] ?? ''

type RawBlock = { readonly block_id?: string; readonly elements?: unknown; readonly accessory?: unknown }
