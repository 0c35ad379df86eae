import { alternativesOf, itemsOf, mayBeUnset, textsOf } from './intrinsics/intrinsics.ts'
import { knownText, patternOf } from './role-text.ts'
import type { IntrinsicsScope } from './scope.ts'
import { onlyEntry, type SourceNode, scalarValue } from './source-node.ts'

/** A node as a plain value. Unknown parts become `*`, and `complete` is then false. */
export function plainValue(
  scope: IntrinsicsScope,
  node: SourceNode | undefined,
): { readonly value: unknown; readonly complete: boolean } {
  const state = { complete: true }
  const value = plain(scope, node, state)
  return { value, complete: state.complete }
}

function plain(scope: IntrinsicsScope, node: SourceNode | undefined, state: { complete: boolean }): unknown {
  const choices = alternativesOf(scope, node)
  const [choice] = choices
  if (node === undefined || choice === undefined) return undefined
  if (choices.length > 1 || mayBeUnset(scope, node)) state.complete = false
  if (choice.kind === 'open') return textAt(scope, choice, state)
  if (choice.kind === 'scalar') {
    const value = scalarValue(choice)
    return typeof value === 'string' ? textAt(scope, choice, state) : value
  }
  if (choice.kind === 'list') {
    return choice.items.flatMap(item => {
      const value = plain(scope, item, state)
      return value === undefined ? [] : [value]
    })
  }
  const only = onlyEntry(choice)
  if (only !== null && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
    const items = itemsOf(scope, choice)
    return items.length === 1 && items[0] === choice
      ? textAt(scope, choice, state)
      : items.map(item => plain(scope, item, state))
  }
  if (choice.entries.has('Fn::Transform')) state.complete = false
  const entries = [...choice.entries].map(([key, { value }]) => {
    // `Sid: 1` is a text in the policy that CloudFormation writes.
    // https://github.com/aws-samples/serverless-patterns/blob/main/codecommit-s3/template.yaml
    const isNumber = value.kind === 'scalar' && typeof value.value === 'number'
    return [key, key === 'Sid' && isNumber ? value.text : plain(scope, value, state)] as const
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function textAt(scope: IntrinsicsScope, node: SourceNode, state: { complete: boolean }): string {
  const texts = textsOf(scope, node)
  const [text] = texts
  if (text === undefined || texts.length > 1 || knownText(text) === null) state.complete = false
  return text === undefined ? '*' : patternOf(text)
}
