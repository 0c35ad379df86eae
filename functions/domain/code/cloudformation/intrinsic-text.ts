/** `Ref`, `Fn::Sub` and `Fn::Join` as far as the account and the partition settle them. Everything else stays open. */
import { never } from '../../base/result.ts'
import { hasDynamicReference } from '../../patch/export/dynamic-reference.ts'
import type { Literal, OpenLiteral } from '../document/literal.ts'
import type { Deploy } from './template-text.ts'

const FUNCTION = /^(?:Ref|Condition|Fn::\w+)$/

/** The literal with its functions worked out. Places stay. */
export function resolved(literal: Literal, deploy: Deploy, text: string): Literal {
  if (literal.kind === 'list') return { ...literal, items: literal.items.map(item => resolved(item, deploy, text)) }
  if (literal.kind === 'scalar' && hasDynamicReference(literal.value))
    return openAt(literal, text, withoutReferences([String(literal.value)]))
  if (literal.kind !== 'map') return literal
  const [only] = literal.entries
  if (literal.entries.length === 1 && only !== undefined && FUNCTION.test(only.key)) {
    // A statement may have one key named `Condition` that is no function.
    if (only.key === 'Condition' && only.value.kind !== 'scalar') return inner(literal, deploy, text)
    return called(only.key, only.value, literal, deploy, text)
  }
  return inner(literal, deploy, text)
}

const inner = (literal: Extract<Literal, { kind: 'map' }>, deploy: Deploy, text: string): Literal => ({
  ...literal,
  entries: literal.entries.map(entry => ({ ...entry, value: resolved(entry.value, deploy, text) })),
})

function called(name: string, argument: Literal, at: Literal, deploy: Deploy, text: string): Literal {
  const { file, start, end } = at
  const made = piecesOf(name, argument, deploy, text)
  if (made === null) return openAt(at, text, [null])
  const pieces = withoutReferences(made)
  if (pieces.every(piece => piece !== null)) return { kind: 'scalar', file, start, end, value: pieces.join('') }
  return openAt(at, text, pieces)
}

const openAt = ({ file, start, end }: Literal, text: string, pieces: OpenLiteral['pieces']): OpenLiteral => ({
  ...{ kind: 'open', file, start, end, text: text.slice(start, end) },
  pieces,
})

/** What a dynamic reference becomes is not known; of one that other values complete, nothing behind it is. */
function withoutReferences(pieces: OpenLiteral['pieces']): OpenLiteral['pieces'] {
  const known = joinedPieces(pieces)
  if (!hasDynamicReference(known)) return pieces
  return known
    .split(REFERENCE)
    .flatMap((piece, index) => [
      ...(index === 0 ? [] : [null]),
      ...piece.split(UNKNOWN).flatMap((one, at) => (at === 0 ? [one] : [null, one])),
    ])
}

/** To the end where it is not closed. */
const REFERENCE = /\{\{\s*resolve\s*:[^{}]*(?:\}\}|$)/i
/** No template has it. */
const UNKNOWN = '\0'
const joinedPieces = (pieces: OpenLiteral['pieces']): string => pieces.map(piece => piece ?? UNKNOWN).join('')

/** Whether CloudFormation reads a dynamic reference in it, or may: where a function completes what begins like one. */
export function hasReference(literal: Literal, deploy: Deploy, text: string): boolean {
  switch (literal.kind) {
    case 'scalar':
      return hasDynamicReference(literal.value)
    case 'list':
      return literal.items.some(item => hasReference(item, deploy, text))
    case 'map': {
      const [only] = literal.entries
      if (literal.entries.length === 1 && only !== undefined && FUNCTION.test(only.key)) {
        const pieces = piecesOf(only.key, only.value, deploy, text)
        if (pieces !== null && joinedPieces(pieces).includes('{{')) return true
      }
      return literal.entries.some(({ key, value }) => hasDynamicReference(key) || hasReference(value, deploy, text))
    }
    case 'open':
      return hasDynamicReference(literal.text)
    default:
      return never(literal)
  }
}

function piecesOf(name: string, argument: Literal, deploy: Deploy, text: string): readonly (string | null)[] | null {
  switch (name) {
    case 'Ref':
      return argument.kind === 'scalar' ? [pseudo(String(argument.value), deploy)] : null
    case 'Fn::Sub': {
      if (argument.kind !== 'scalar') return null
      const parts = String(argument.value).split(/(\$\{[^}]*\})/)
      return parts.map(part => (part.startsWith('${') ? substituted(part.slice(2, -1), deploy) : part))
    }
    case 'Fn::Join': {
      if (argument.kind !== 'list') return null
      const [separator, list] = argument.items
      if (separator?.kind !== 'scalar' || list?.kind !== 'list') return null
      return list.items.flatMap((item, index) => {
        const one = resolved(item, deploy, text)
        const own = one.kind === 'scalar' ? [String(one.value)] : one.kind === 'open' ? one.pieces : [null]
        return index === 0 ? own : [String(separator.value), ...own]
      })
    }
    default:
      return null
  }
}

/** `${!x}` is the text `${x}`. */
const substituted = (name: string, deploy: Deploy): string | null =>
  name.startsWith('!') ? `\${${name.slice(1)}}` : pseudo(name, deploy)

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html */
function pseudo(name: string, { accountId, partition, stackName }: Deploy): string | null {
  switch (name) {
    case 'AWS::AccountId':
      return accountId
    case 'AWS::Partition':
      return partition
    case 'AWS::StackName':
      return stackName
    case 'AWS::URLSuffix':
      return partition === 'aws-cn' ? 'amazonaws.com.cn' : partition === 'aws' ? 'amazonaws.com' : null
    default:
      return null
  }
}
