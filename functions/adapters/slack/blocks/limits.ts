/**
 * Slack's limits as one table, and a check of blocks against it. Lengths are in UTF-16 code units, the stricter reading of "characters".
 */
export const LIMITS = {
  /** https://docs.slack.dev/reference/block-kit/blocks */
  messageBlocks: 50,
  modalBlocks: 100,
  blockId: 255,
  /** https://docs.slack.dev/reference/block-kit/blocks/header-block (plain text only) */
  headerText: 150,
  /** https://docs.slack.dev/reference/block-kit/blocks/section-block */
  sectionText: 3000,
  sectionFields: 10,
  sectionFieldText: 2000,
  /** https://docs.slack.dev/reference/block-kit/blocks/context-block */
  contextElements: 10,
  /** https://docs.slack.dev/reference/block-kit/blocks/actions-block */
  actionsElements: 25,
  /** https://docs.slack.dev/reference/block-kit/composition-objects/text-object */
  textObject: 3000,
  /** https://docs.slack.dev/reference/block-kit/blocks/input-block */
  inputLabel: 2000,
  inputHint: 2000,
  /** https://docs.slack.dev/reference/block-kit/block-elements/button-element */
  buttonText: 75,
  buttonValue: 2000,
  /** https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element */
  menuOptions: 5,
  /** https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
  optionText: 75,
  optionValue: 150,
  /** https://docs.slack.dev/reference/block-kit/block-elements */
  actionId: 255,
  /** https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element */
  placeholder: 150,
  inputMaxLength: 3000,
  /** https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object */
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  /** https://docs.slack.dev/reference/views/modal-views */
  modalTitle: 24,
  modalSubmit: 24,
  modalClose: 24,
  privateMetadata: 3000,
  callbackId: 255,
  /** https://docs.slack.dev/reference/methods/chat.postMessage: 4,000 is recommended; Slack truncates at 40,000. */
  messageText: 4000,
  /**
   * Slack documents no limit for rich text, but refuses messages whose blocks are too long together (`msg_blocks_too_long`;
   * reports differ, from about 11,300 characters of text). These limits are below every report.
   * https://github.com/slackapi/bolt-js/issues/2867
   */
  richText: 3000,
  messageBlocksJson: 11_000,
  /** Slack refuses a view above 250 KB (`view_too_large`). */
  viewJson: 200_000,
} as const

type Json = { readonly [key: string]: unknown }

/** Every breach in words. Empty: Slack accepts the blocks. */
export function messageBreaches(blocks: readonly object[]): readonly string[] {
  return [
    ...tooMany('blocks', blocks, LIMITS.messageBlocks),
    ...(JSON.stringify(blocks).length > LIMITS.messageBlocksJson ? ['blocks are too long together'] : []),
    ...blocks.flatMap((block, index) => blockBreaches(block as Json, `blocks[${index}]`)),
  ]
}

export function viewBreaches(view: object): readonly string[] {
  const { type, blocks, title, submit, close, private_metadata, callback_id } = view as Json
  const list = objects(blocks)
  return [
    // https://docs.slack.dev/reference/views/home-tab-views
    ...(type === 'home'
      ? []
      : title === undefined
        ? ['view has no title']
        : textBreaches(title, 'title', LIMITS.modalTitle)),
    ...(submit === undefined ? [] : textBreaches(submit, 'submit', LIMITS.modalSubmit)),
    ...(close === undefined ? [] : textBreaches(close, 'close', LIMITS.modalClose)),
    ...tooLong('private_metadata', private_metadata, LIMITS.privateMetadata),
    ...tooLong('callback_id', callback_id, LIMITS.callbackId),
    ...tooMany('blocks', list, LIMITS.modalBlocks),
    ...(JSON.stringify(view).length > LIMITS.viewJson ? ['view is too large'] : []),
    ...list.flatMap((block, index) => blockBreaches(block, `blocks[${index}]`)),
  ]
}

function blockBreaches(block: Json, at: string): readonly string[] {
  const id = tooLong(`${at}.block_id`, block['block_id'], LIMITS.blockId)
  switch (block['type']) {
    case 'header':
      return [...id, ...textBreaches(block['text'], `${at}.text`, LIMITS.headerText, ['plain_text'])]
    case 'section':
      return [...id, ...sectionBreaches(block, at)]
    case 'context':
      return [
        ...id,
        ...tooMany(`${at}.elements`, objects(block['elements']), LIMITS.contextElements),
        ...objects(block['elements']).flatMap(text => textBreaches(text, `${at}.elements`, LIMITS.textObject)),
      ]
    case 'actions':
      return [
        ...id,
        ...tooMany(`${at}.elements`, objects(block['elements']), LIMITS.actionsElements),
        ...objects(block['elements']).flatMap(element =>
          element['type'] === 'overflow'
            ? menuBreaches(element, `${at}.elements`)
            : buttonBreaches(element, `${at}.elements`),
        ),
        ...repeated(objects(block['elements']).map(button => `${button['action_id']} ${button['value']}`)),
      ]
    case 'rich_text':
      return [...id, ...richTextBreaches(block, at)]
    case 'input':
      return [...id, ...inputBreaches(block, at)]
    case 'divider':
      return id
    default:
      return [`${at} is of a type that the bot does not use: ${String(block['type'])}`]
  }
}

function sectionBreaches(block: Json, at: string): readonly string[] {
  const fields = objects(block['fields'])
  const accessory = block['accessory']
  return [
    ...(block['text'] === undefined && fields.length === 0 ? [`${at} has neither text nor fields`] : []),
    ...(block['text'] === undefined ? [] : textBreaches(block['text'], `${at}.text`, LIMITS.sectionText)),
    ...tooMany(`${at}.fields`, fields, LIMITS.sectionFields),
    ...fields.flatMap(field => textBreaches(field, `${at}.fields`, LIMITS.sectionFieldText)),
    ...(accessory === undefined ? [] : buttonBreaches(accessory as Json, `${at}.accessory`)),
  ]
}

/** Slack once documented at least two options, and still recommends a button for one. */
const LEAST_OPTIONS = 2

function menuBreaches(menu: Json, at: string): readonly string[] {
  const options = objects(menu['options'])
  return [
    ...tooLong(`${at}.action_id`, menu['action_id'], LIMITS.actionId),
    ...tooMany(`${at}.options`, options, LIMITS.menuOptions),
    ...(options.length < LEAST_OPTIONS ? [`${at}.options has ${options.length} items, below ${LEAST_OPTIONS}`] : []),
    ...options.flatMap(option => [
      ...textBreaches(option['text'], `${at}.options.text`, LIMITS.optionText, ['plain_text']),
      ...(option['value'] === '' ? [`${at}.options.value is empty`] : []),
      ...tooLong(`${at}.options.value`, option['value'], LIMITS.optionValue),
    ]),
    ...(new Set(options.map(({ value }) => value)).size === options.length
      ? []
      : ['two options of one menu are the same']),
  ]
}

function buttonBreaches(button: Json, at: string): readonly string[] {
  const confirm = button['confirm'] as Json | undefined
  return [
    ...(button['type'] === 'button' ? [] : [`${at} is not a button`]),
    ...textBreaches(button['text'], `${at}.text`, LIMITS.buttonText, ['plain_text']),
    ...tooLong(`${at}.value`, button['value'], LIMITS.buttonValue),
    ...tooLong(`${at}.action_id`, button['action_id'], LIMITS.actionId),
    ...(confirm === undefined
      ? []
      : [
          ...textBreaches(confirm['title'], `${at}.confirm.title`, LIMITS.confirmTitle, ['plain_text']),
          ...textBreaches(confirm['text'], `${at}.confirm.text`, LIMITS.confirmText),
          ...textBreaches(confirm['confirm'], `${at}.confirm.confirm`, LIMITS.confirmButton, ['plain_text']),
          ...textBreaches(confirm['deny'], `${at}.confirm.deny`, LIMITS.confirmButton, ['plain_text']),
        ]),
  ]
}

function inputBreaches(block: Json, at: string): readonly string[] {
  const element = block['element'] as Json
  const { placeholder, max_length } = element
  return [
    ...textBreaches(block['label'], `${at}.label`, LIMITS.inputLabel, ['plain_text']),
    ...(block['hint'] === undefined ? [] : textBreaches(block['hint'], `${at}.hint`, LIMITS.inputHint, ['plain_text'])),
    ...tooLong(`${at}.element.action_id`, element['action_id'], LIMITS.actionId),
    ...(placeholder === undefined
      ? []
      : textBreaches(placeholder, `${at}.placeholder`, LIMITS.placeholder, ['plain_text'])),
    ...(Number(max_length ?? 1) > LIMITS.inputMaxLength
      ? [`${at}.element.max_length is above ${LIMITS.inputMaxLength}`]
      : []),
  ]
}

function richTextBreaches(block: Json, at: string): readonly string[] {
  const texts = leavesOf(block)
  const length = texts.reduce((sum, text) => sum + text.length, 0)
  return [
    ...(texts.length === 0 ? [`${at} is empty`] : []),
    ...(texts.some(text => text === '') ? [`${at} holds an empty text`] : []),
    ...(length > LIMITS.richText ? [`${at} has ${length} characters, above ${LIMITS.richText}`] : []),
  ]
}

/** The texts of a rich text block. A mention or a date counts as one short text. */
function leavesOf(node: Json): readonly string[] {
  if (node['type'] === 'text' || node['type'] === 'link') return [String(node['text'] ?? '')]
  if (node['type'] === 'user' || node['type'] === 'usergroup' || node['type'] === 'date')
    return ['<one mention or date>']
  return objects(node['elements']).flatMap(leavesOf)
}

function textBreaches(
  text: unknown,
  at: string,
  limit: number,
  types: readonly string[] = ['plain_text', 'mrkdwn'],
): readonly string[] {
  const { type, text: value } = (typeof text === 'object' && text !== null ? text : {}) as Json
  if (typeof value !== 'string' || value === '') return [`${at} is empty`]
  return [...(types.includes(String(type)) ? [] : [`${at} is ${String(type)}`]), ...tooLong(at, value, limit)]
}

function tooLong(at: string, value: unknown, limit: number): readonly string[] {
  const length = typeof value === 'string' ? value.length : 0
  return length > limit ? [`${at} has ${length} characters, above ${limit}`] : []
}

function tooMany(at: string, list: readonly unknown[], limit: number): readonly string[] {
  return list.length > limit ? [`${at} has ${list.length} items, above ${limit}`] : []
}

function repeated(keys: readonly string[]): readonly string[] {
  return new Set(keys).size === keys.length ? [] : ['two buttons of one row are the same']
}

function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'object' && item !== null) : []
}
