import { hasDynamicReference } from '../../../core/patch/index.ts'
import {
  type Hole,
  type IntrinsicsScope,
  REFERENCE_HOLE,
  type RoleText,
  readable,
  type SourceNode,
  scalarText,
  textsOf,
} from '../../source/index.ts'

/** True when the value contains a dynamic reference, or may contain one because a function completes a text that begins like one. */
export function hasReference(scope: IntrinsicsScope, node: SourceNode): boolean {
  switch (node.kind) {
    case 'scalar':
      return hasDynamicReference(node.value)
    case 'open':
      return mayRead(scope, node.worth)
    case 'list':
      return node.items.some(item => hasReference(scope, item))
    case 'map':
      return (
        (readable(() => textsOf(scope, node)) ?? []).some(text => mayRead(scope, text)) ||
        [...node.entries].some(([key, { value }]) => hasDynamicReference(key) || hasReference(scope, value))
      )
  }
}

const mayRead = (scope: IntrinsicsScope, { pieces }: RoleText): boolean =>
  pieces.some(
    piece => typeof piece !== 'string' && (piece.hole === REFERENCE_HOLE || defaultOf(scope, piece).includes('{{')),
  ) ||
  pieces
    .map(piece => (typeof piece === 'string' ? piece : '\0'))
    .join('')
    .includes('{{')

/** The default of the parameter, which applies if no other value is given. */
const defaultOf = ({ template }: IntrinsicsScope, { hole, from }: Hole): string =>
  (from === 'parameter' ? scalarText(template.parameters.get(hole)?.defaultValue) : null) ?? ''
