/**
 * Whether conditions are true. Null: it depends on values that only the deploy knows. Conditions compare texts, and texts depend on
 * conditions, so each caller passes the function that resolves texts.
 */

import { knownText, type RoleText } from '../role-text.ts'
import type { IntrinsicsScope } from '../scope.ts'
import { type SourceNode, scalarText, UnreadableSource } from '../source-node.ts'
import { type IntrinsicCall, intrinsicOf, requiredText } from './call.ts'
import { countedCall } from './limits.ts'
import { onlyOne } from './text-lists.ts'

type ResolveTexts = (scope: IntrinsicsScope, node: SourceNode | undefined) => readonly RoleText[]

/** The values that `Fn::If` can have. */
export function branchesIn(scope: IntrinsicsScope, call: IntrinsicCall, texts: ResolveTexts): readonly SourceNode[] {
  const { argument } = call
  const [name, whenTrue, whenFalse] = argument.kind === 'list' ? argument.items : []
  if (name === undefined || whenTrue === undefined || whenFalse === undefined) {
    throw new UnreadableSource(scope.template.file, call.line, 'Fn::If needs a condition and two values')
  }
  const condition = scalarText(name)
  const holds = condition === null ? truthOf(scope, name, texts) : conditionIn(scope, condition, call.line, texts)
  if (holds === null) return [whenTrue, whenFalse]
  return [holds ? whenTrue : whenFalse]
}

/** Whether the condition with this name is true. */
export function conditionIn(scope: IntrinsicsScope, name: string, line: number, texts: ResolveTexts): boolean | null {
  const { conditions } = scope.work
  const before = conditions.get(name)
  if (before === 'in-progress') {
    throw new UnreadableSource(scope.template.file, line, `the condition ${name} depends on itself`)
  }
  if (before !== undefined) return before
  const entry = scope.template.conditions.get(name)
  if (entry === undefined) throw new UnreadableSource(scope.template.file, line, `there is no condition ${name}`)
  conditions.set(name, 'in-progress')
  try {
    const holds = truthOf(scope, entry.value, texts)
    conditions.set(name, holds)
    return holds
  } finally {
    if (conditions.get(name) === 'in-progress') conditions.delete(name)
  }
}

function truthOf(scope: IntrinsicsScope, node: SourceNode, texts: ResolveTexts): boolean | null {
  const call = intrinsicOf(scope, node)
  return call === null ? null : countedCall(scope, call, () => truthOfCall(scope, call, texts))
}

function truthOfCall(scope: IntrinsicsScope, call: IntrinsicCall, texts: ResolveTexts): boolean | null {
  const { argument } = call
  const parts = argument.kind === 'list' ? argument.items : [argument]
  const truths = () => parts.map(part => truthOf(scope, part, texts))
  switch (call.name) {
    case 'Condition':
      return conditionIn(scope, requiredText(scope, call, scalarText(argument)), call.line, texts)
    case 'Fn::And':
      return allOf(truths())
    case 'Fn::Or':
      return not(allOf(truths().map(not)))
    case 'Fn::Not':
      return not(parts[0] === undefined ? null : truthOf(scope, parts[0], texts))
    case 'Fn::Equals': {
      const [left, right] = parts.map(part => {
        const text = onlyOne(texts(scope, part))
        return text === null ? null : knownText(text)
      })
      return left == null || right == null ? null : left === right
    }
    default:
      return null
  }
}

const not = (truth: boolean | null) => (truth === null ? null : !truth)

function allOf(truths: readonly (boolean | null)[]): boolean | null {
  if (truths.includes(false)) return false
  return truths.includes(null) ? null : true
}
