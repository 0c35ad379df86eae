/** Calls of intrinsic functions, as a template has them. */

import type { IntrinsicsScope } from '../scope.ts'
import { type Entry, entryOf, onlyEntry, type SourceNode, UnreadableSource } from '../source-node.ts'

export type IntrinsicCall = { readonly name: string; readonly argument: SourceNode; readonly line: number }

const FUNCTIONS = new Set([
  ...[
    'Ref',
    'Condition',
    'Fn::And',
    'Fn::Base64',
    'Fn::Cidr',
    'Fn::Equals',
    'Fn::FindInMap',
    'Fn::GetAtt',
    'Fn::GetAZs',
  ],
  ...['Fn::If', 'Fn::ImportValue', 'Fn::Join', 'Fn::Length', 'Fn::Not', 'Fn::Or', 'Fn::Select', 'Fn::Split', 'Fn::Sub'],
  ...['Fn::ToJsonString', 'Fn::GetStackOutput'],
])

export function intrinsicOf(scope: IntrinsicsScope, node: SourceNode): IntrinsicCall | null {
  const only = onlyEntry(node)
  if (only === null) return null
  const [name, { value, line }] = only
  if (name === 'Fn::Transform') {
    throw new UnreadableSource(
      scope.template.file,
      line,
      'a macro rewrites this part of the template when it is deployed',
    )
  }
  if (FUNCTIONS.has(name)) {
    if (name === 'Condition' && !isCondition(name, value)) return null
    return { name, argument: value, line }
  }
  if (!name.startsWith('Fn::')) return null
  throw new UnreadableSource(scope.template.file, line, `${name} is not a CloudFormation function`)
}

/** A map whose entries a macro writes, alone or beside others. */
export const macroIn = (node: SourceNode): Entry | undefined => entryOf(node, 'Fn::Transform')

/** A policy or a filter may have a single key named `Condition` that is not a function. */
export const isCondition = (name: string, argument: SourceNode | undefined): boolean =>
  name === 'Condition' && argument?.kind === 'scalar'

export function argumentPair(scope: IntrinsicsScope, call: IntrinsicCall): readonly [SourceNode, SourceNode] {
  const [first, second] = call.argument.kind === 'list' ? call.argument.items : []
  if (first === undefined || second === undefined) {
    throw new UnreadableSource(scope.template.file, call.line, `${call.name} needs two values`)
  }
  return [first, second]
}

export function requiredText(scope: IntrinsicsScope, call: IntrinsicCall, text: string | null): string {
  if (text !== null) return text
  throw new UnreadableSource(scope.template.file, call.line, `${call.name} names nothing`)
}
