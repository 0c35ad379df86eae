/** The value of a YAML or JSON node, with its place. */
import { knownText, type RoleText, type SourceNode, scalarValue } from '../../source/index.ts'
import type { SourceFile } from '../code-change.ts'
import type { Literal } from './literal.ts'

/** The text of a scalar or a function. Null for all other nodes. */
type Worth = (node: SourceNode) => RoleText | null

const asWritten: Worth = node => (node.kind === 'open' ? node.worth : null)

export function literalOf(file: SourceFile, node: SourceNode, worthOf: Worth = asWritten): Literal {
  const place = { file: file.path, start: node.start, end: node.end }
  const worth = worthOf(node)
  if (worth !== null) {
    const value = knownText(worth)
    if (value !== null) return { kind: 'scalar', ...place, value }
    const pieces = worth.pieces.map(piece => (typeof piece === 'string' ? piece : null))
    return { kind: 'open', ...place, text: file.text.slice(node.start, node.end), pieces }
  }
  switch (node.kind) {
    case 'scalar':
      return { kind: 'scalar', ...place, value: scalarValue(node) }
    case 'open':
      return { kind: 'open', ...place, text: file.text.slice(node.start, node.end), pieces: [null] }
    case 'list':
      return {
        ...{ kind: 'list', ...place, fixed: node.fixed },
        items: node.items.map(item => literalOf(file, item, worthOf)),
      }
    case 'map':
      return {
        ...{ kind: 'map', ...place, fixed: node.fixed },
        entries: [...node.entries].map(([key, { start, value }]) => ({
          ...{ key, start },
          value: literalOf(file, value, worthOf),
        })),
      }
  }
}
