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

/** Whether CloudFormation reads a dynamic reference in it, or may: where a function completes what begins like one. */
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

/** A parameter without another value brings it. */
const defaultOf = ({ template }: IntrinsicsScope, { hole, from }: Hole): string =>
  (from === 'parameter' ? scalarText(template.parameters.get(hole)?.defaultValue) : null) ?? ''
