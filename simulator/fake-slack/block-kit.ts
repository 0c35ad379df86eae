/**
 * The schema of blocks and views that Slack accepts. Like Slack, it rejects unknown fields, duplicate ids and lone surrogates.
 * `limits.ts` checks lengths. https://docs.slack.dev/reference/block-kit/blocks
 */
import * as z from 'zod'

/** JSON can escape a lone surrogate, but strict parsers reject it. */
const words = z.string().check(z.refine(value => value.isWellFormed(), 'contains a lone surrogate'))
const plain = z.strictObject({ type: z.literal('plain_text'), text: words, emoji: z.optional(z.boolean()) })
const marked = z.strictObject({ type: z.literal('mrkdwn'), text: words, verbatim: z.optional(z.boolean()) })
const anyText = z.discriminatedUnion('type', [plain, marked])

const colour = z.optional(z.enum(['primary', 'danger']))
const button = z.strictObject({
  type: z.literal('button'),
  text: plain,
  action_id: z.optional(words),
  value: z.optional(words),
  url: z.optional(words),
  style: colour,
  confirm: z.optional(z.strictObject({ title: plain, text: anyText, confirm: plain, deny: plain, style: colour })),
  accessibility_label: z.optional(words),
})

/** https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element */
const menu = z.strictObject({
  type: z.literal('overflow'),
  action_id: z.optional(words),
  options: z.array(z.strictObject({ text: plain, value: words, url: z.optional(words) })),
})

const flag = z.optional(z.boolean())
const style = z.optional(z.strictObject({ bold: flag, italic: flag, strike: flag, underline: flag }))
const codeStyle = z.optional(z.strictObject({ bold: flag, italic: flag, strike: flag, underline: flag, code: flag }))
const text = z.strictObject({ type: z.literal('text'), text: words, style: codeStyle })
const link = z.strictObject({ type: z.literal('link'), url: words, text: z.optional(words), style: codeStyle })
const section = z.strictObject({
  type: z.literal('rich_text_section'),
  elements: z.array(
    z.discriminatedUnion('type', [
      text,
      link,
      z.strictObject({ type: z.literal('user'), user_id: z.string().check(z.regex(/^[UW][A-Z0-9]+$/)), style }),
      z.strictObject({ type: z.literal('usergroup'), usergroup_id: z.string().check(z.regex(/^S[A-Z0-9]+$/)), style }),
      z.strictObject({
        type: z.literal('date'),
        timestamp: z.int(),
        format: z.string().check(z.regex(/\{[a-z_]+\}/)),
        url: z.optional(words),
        fallback: z.optional(words),
        style,
      }),
    ]),
  ),
})
const preformatted = z.strictObject({
  type: z.literal('rich_text_preformatted'),
  elements: z.array(z.discriminatedUnion('type', [text, link])),
  border: z.optional(z.int()),
})

const block_id = z.optional(words)
const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), block_id, text: plain }),
  z.strictObject({ type: z.literal('divider'), block_id }),
  z.strictObject({
    type: z.literal('section'),
    block_id,
    text: z.optional(anyText),
    fields: z.optional(z.array(anyText)),
    accessory: z.optional(button),
    expand: flag,
  }),
  z.strictObject({ type: z.literal('context'), block_id, elements: z.array(anyText).check(z.minLength(1)) }),
  z.strictObject({
    type: z.literal('actions'),
    block_id,
    elements: z.array(z.discriminatedUnion('type', [button, menu])).check(z.minLength(1), once('action_id')),
  }),
  z.strictObject({
    type: z.literal('rich_text'),
    block_id,
    elements: z.array(z.discriminatedUnion('type', [section, preformatted])),
  }),
  z.strictObject({
    type: z.literal('input'),
    block_id,
    label: plain,
    hint: z.optional(plain),
    optional: flag,
    dispatch_action: flag,
    element: z.strictObject({
      type: z.literal('plain_text_input'),
      action_id: z.optional(words),
      initial_value: z.optional(words),
      placeholder: z.optional(plain),
      multiline: flag,
      min_length: z.optional(z.int()),
      max_length: z.optional(z.int()),
      focus_on_load: flag,
    }),
  }),
])
const blocks = z.array(block).check(once('block_id'))

const modal = z
  .strictObject({
    type: z.literal('modal'),
    title: plain,
    blocks,
    submit: z.optional(plain),
    close: z.optional(plain),
    private_metadata: z.optional(words),
    callback_id: z.optional(words),
    external_id: z.optional(words),
    clear_on_close: flag,
    notify_on_close: flag,
  })
  .check(
    z.refine(
      given => given.submit !== undefined || given.blocks.every(({ type }) => type !== 'input'),
      'submit is required with an input',
    ),
  )

/** https://docs.slack.dev/reference/views/home-tab-views */
const home = z.strictObject({
  type: z.literal('home'),
  blocks,
  private_metadata: z.optional(words),
  callback_id: z.optional(words),
  external_id: z.optional(words),
})

function once<K extends string>(key: K) {
  return z.refine<readonly { readonly [id in K]?: string | undefined }[]>(all => {
    const ids = all.flatMap(one => one[key] ?? [])
    return new Set(ids).size === ids.length
  }, `duplicate ${key}`)
}

/** The validation error. Null: valid. */
export const blocksFault = (given: readonly object[]): string | null => fault(blocks.safeParse(given))
export const viewFault = (given: object): string | null => fault(modal.safeParse(given))
export const homeFault = (given: object): string | null => fault(home.safeParse(given))

function fault({ error }: { readonly error?: z.core.$ZodError | undefined }): string | null {
  return error === undefined ? null : z.prettifyError(error)
}
