/**
 * Tree-sitter parsers in WebAssembly, loaded once.
 * https://tree-sitter.github.io/tree-sitter/using-parsers
 */

import { readFile } from 'node:fs/promises'
import { brotliDecompressSync } from 'node:zlib'
import { Language as Grammar, Parser, type Tree } from 'web-tree-sitter'
import type { Language, Parsers, SyntaxNode } from '../../../iac/edit/index.ts'

const ENGINE = new URL('../../../node_modules/web-tree-sitter/web-tree-sitter.wasm', import.meta.url)
const GRAMMARS: { readonly [language in Language]: URL } = {
  hcl: new URL(
    '../../../node_modules/@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-terraform.wasm',
    import.meta.url,
  ),
  python: new URL('../../../node_modules/tree-sitter-python/tree-sitter-python.wasm', import.meta.url),
  typescript: new URL('../../../node_modules/tree-sitter-typescript/tree-sitter-typescript.wasm', import.meta.url),
}

/** The parser reports progress every hundred steps. One megabyte of ordinary code takes about a hundred thousand reports. */
const MAX_REPORTS = 1_000_000
/** Steps over a fault in a long text take longer and longer: seconds for 30 KB of `name = ` lines, hours for a megabyte. */
const MAX_PARSE_MS = 15_000
/** Deeper than code that people write, and shallow enough for recursion. */
const MAX_DEPTH = 600

let loading: Promise<Parsers> | null = null

export function loadParsers(): Promise<Parsers> {
  loading ??= newParsers(MAX_PARSE_MS)
  return loading
}

/** A text that takes longer than `maxParseMs` is given up. */
export async function newParsers(maxParseMs: number): Promise<Parsers> {
  await Parser.init({ wasmBinary: await bytesOf(ENGINE) })
  const parserFor = async (language: Language): Promise<Parser> => {
    const parser = new Parser()
    parser.setLanguage(await Grammar.load(await bytesOf(GRAMMARS[language])))
    return parser
  }
  const parsers = {
    hcl: await parserFor('hcl'),
    python: await parserFor('python'),
    typescript: await parserFor('typescript'),
  }
  return { parse: (language, text, at = 0) => parse(parsers[language], text, at, maxParseMs) }
}

/** Bundles contain them compressed. */
async function bytesOf(file: URL): Promise<Uint8Array> {
  const bytes = await readFile(file)
  return file.pathname.endsWith('.br') ? brotliDecompressSync(bytes) : bytes
}

function parse(parser: Parser, text: string, at: number, maxParseMs: number): SyntaxNode | null {
  const startedMs = performance.now()
  let reports = 0
  const isTooMuch = () => ++reports > MAX_REPORTS || performance.now() - startedMs > maxParseMs
  const tree = parser.parse(text, null, { progressCallback: isTooMuch })
  if (tree === null) {
    // Without a reset, a stopped parse would continue with the next text.
    parser.reset()
    return null
  }
  const root = copied(tree, at)
  tree.delete()
  return root
}

const NO_CHILDREN: readonly SyntaxNode[] = []

/** `from`: where its children begin among the nodes that are read and have no parent yet. */
type Open = Omit<SyntaxNode, 'children'> & { readonly from: number }

/** The tree as plain data, so that no WebAssembly memory must be freed. Null: it nests too deeply. */
function copied(tree: Tree, at: number): SyntaxNode | null {
  const cursor = tree.walk()
  const hasErrors = tree.rootNode.hasError
  const nodes: SyntaxNode[] = []
  const enter = (): Open => {
    const type = cursor.nodeType
    return {
      type,
      start: at + cursor.startIndex,
      end: at + cursor.endIndex,
      field: cursor.currentFieldName,
      broken: hasErrors && (type === 'ERROR' || cursor.nodeIsMissing),
      from: nodes.length,
    }
  }
  const above: Open[] = []
  let open = enter()
  try {
    for (;;) {
      if (cursor.gotoFirstChild()) {
        if (above.length >= MAX_DEPTH) return null
        above.push(open)
        open = enter()
        continue
      }
      for (;;) {
        const { type, start, end, field, broken, from } = open
        // A list that is cut to its length: one that grows keeps room for sixteen more.
        const children = from === nodes.length ? NO_CHILDREN : nodes.splice(from)
        const done: SyntaxNode = { type, start, end, field, children, broken }
        const parent = above.at(-1)
        if (parent === undefined) return done
        nodes.push(done)
        if (cursor.gotoNextSibling()) {
          open = enter()
          break
        }
        cursor.gotoParent()
        above.pop()
        open = parent
      }
    }
  } finally {
    cursor.delete()
  }
}
