import {
  changeComment,
  changesAs,
  changesTrust,
  hasDynamicReference,
  type PolicyChange,
} from '../../../core/patch/index.ts'
import { policyDelta } from '../document/policy-delta.ts'
import { type CodeStyle, statementCode } from './statement-code.ts'

const STYLE: CodeStyle = { language: 'python', quote: '"', step: '    ', end: '', nameOf: name => `iam.${name}` }

/** What a draft adds to a CDK app in Python. What cannot be written as statements is in TypeScript, as on the card. */
export function pythonSnippet(changes: readonly PolicyChange[]): string {
  const parts = changes.map(snippetOf)
  return parts.every(part => part !== null) ? parts.join('\n') : changesAs('cdk', changes)
}

function snippetOf(change: PolicyChange): string | null {
  const delta = policyDelta(change)
  const { kind } = change.target
  if (hasDynamicReference([change.target, change.after])) return null
  if (!delta.ok || delta.value.grown.length > 0 || kind === 'managed-policy' || kind === 'permission-set-inline-policy')
    return null
  const owner = kind === 'user-inline-policy' ? 'user' : 'role'
  const callee = changesTrust(change) ? 'role.assume_role_policy.add_statements' : `${owner}.add_to_policy`
  const code = delta.value.added.map(statement => statementCode(statement, '', STYLE))
  if (!code.every(one => one !== null)) return null
  return [`# ${changeComment(change)}`, ...code.map(one => `${callee}(${one})`), ''].join('\n')
}
