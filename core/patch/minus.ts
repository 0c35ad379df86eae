import type { Statement } from '../iam/policy/policy-document.ts'
import { statementForm } from '../iam/policy/same-policy.ts'

/** `statements` without one occurrence of each of `others`. */
export function minus(statements: readonly Statement[], others: readonly Statement[]): readonly Statement[] {
  const left = others.map(statementForm)
  return statements.filter(statement => {
    const at = left.indexOf(statementForm(statement))
    if (at === -1) return true
    left.splice(at, 1)
    return false
  })
}
