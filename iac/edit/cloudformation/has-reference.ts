import { hasDynamicReference } from '../../../core/patch/index.ts'
import {
  type IntrinsicsScope,
  REFERENCE_HOLE,
  type RoleText,
  readable,
  type SourceNode,
  textsOf,
} from '../../source/index.ts'

/** Whether CloudFormation reads a dynamic reference in it, or may: where a function completes what begins like one. */
export function hasReference(scope: IntrinsicsScope, node: SourceNode): boolean {
  switch (node.kind) {
    case 'scalar':
      return hasDynamicReference(node.value)
    case 'open':
      return mayRead(node.worth)
    case 'list':
      return node.items.some(item => hasReference(scope, item))
    case 'map':
      return (
        (readable(() => textsOf(scope, node)) ?? []).some(mayRead) ||
        [...node.entries].some(([key, { value }]) => hasDynamicReference(key) || hasReference(scope, value))
      )
  }
}

const mayRead = ({ pieces }: RoleText): boolean =>
  pieces.some(piece => typeof piece !== 'string' && piece.hole === REFERENCE_HOLE) ||
  pieces
    .map(piece => (typeof piece === 'string' ? piece : '\0'))
    .join('')
    .includes('{{')
