/** A concrete syntax tree: it has every token with its place, so that an edit keeps all other bytes. */
export type SyntaxNode = {
  readonly type: string
  /** Offsets in UTF-16 code units, as in `String.slice`. */
  readonly start: number
  readonly end: number
  /** The field name in the parent. Null: the grammar gives none. */
  readonly field: string | null
  readonly children: readonly SyntaxNode[]
  /** The text does not fit the grammar, or a token is missing here. */
  readonly broken: boolean
}

export type Language = 'hcl' | 'python' | 'typescript'

/**
 * Synchronous: the grammars are loaded before. `at`: the offset of the text in its file, if it is a part of one. Null: the text
 * takes too long to parse or nests too deeply.
 */
export type Parsers = { readonly parse: (language: Language, text: string, at?: number) => SyntaxNode | null }

/** Empty for a missing node. */
export const syntaxText = (node: SyntaxNode | null | undefined, text: string): string =>
  node == null ? '' : text.slice(node.start, node.end)

export const childOfType = (node: SyntaxNode | null | undefined, type: string): SyntaxNode | null =>
  node?.children.find(child => child.type === type) ?? null

export const childrenOfType = (node: SyntaxNode | null | undefined, type: string): readonly SyntaxNode[] =>
  node?.children.filter(child => child.type === type) ?? []

export const fieldOf = (node: SyntaxNode | null | undefined, name: string): SyntaxNode | null =>
  node?.children.find(child => child.field === name) ?? null

/** In text order, without recursion, so that depth needs no stack. */
export function* descendants(root: SyntaxNode): Generator<SyntaxNode> {
  const waiting = [root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node
    for (let at = node.children.length - 1; at >= 0; at--) {
      const child = node.children[at]
      if (child !== undefined) waiting.push(child)
    }
  }
}

export function isBroken(root: SyntaxNode): boolean {
  for (const node of descendants(root)) if (node.broken) return true
  return false
}
