/** What a person reads of a message in Slack's format. */

type Node = { readonly [key: string]: unknown }

function readIn(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(readIn)
  if (typeof node !== 'object' || node === null) return []
  const { type, text, fallback, elements } = node as Node
  if (type === 'rich_text_preformatted') return []
  if (type === 'date') return [String(fallback)]
  if (type === 'user' || type === 'usergroup') return ['@somebody']
  return [...(typeof text === 'string' ? [text] : readIn(text)), ...readIn(elements)]
}

/** Parts between spaces with a letter or a digit. A block ends a word; an element inside a block does not. */
export function wordsBeforeButtons(blocks: readonly object[]): readonly string[] {
  const end = blocks.findIndex(block => (block as Node)['type'] === 'actions')
  return (end === -1 ? blocks : blocks.slice(0, end))
    .flatMap(block => readIn(block).join('').split(/\s+/))
    .filter(word => /[\p{L}\p{N}]/u.test(word.replace('ℹ️', '')))
}

/** The labels of the buttons, without the menu. */
export const buttonsIn = (blocks: readonly object[]): readonly string[] =>
  blocks
    .flatMap(block => ((block as Node)['type'] === 'actions' ? ((block as Node)['elements'] as readonly Node[]) : []))
    .filter(({ type }) => type === 'button')
    .map(({ text }) => String((text as Node)['text']))

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}

/** The text of each block, one line of it a line. Preformatted text is kept. */
export function linesIn(blocks: readonly object[]): readonly string[] {
  return blocks.flatMap(block => wholeIn(block).join('').split('\n'))
}

function wholeIn(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(wholeIn)
  if (typeof node !== 'object' || node === null) return []
  const { type, text, fallback, elements, user_id, usergroup_id, label } = node as Node
  if (type === 'date') return [String(fallback)]
  if (type === 'user' || type === 'usergroup') return [`@${String(user_id ?? usergroup_id)}`]
  if (type === 'input') return [...wholeIn(label), ' [………]']
  return [...(typeof text === 'string' ? [text] : wholeIn(text)), ...wholeIn(elements)]
}
