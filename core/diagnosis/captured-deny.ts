/** Finds the statement that denied in the policy copy that AWS keeps with the request. Used for layers that cannot be read directly. */

import { actionNamed } from '../actions/index.ts'
import type { CapturedPolicy, Denial } from '../denial/index.ts'
import { type ContextFacts, isSecretKey, matchesAction, type PolicyType, type Statement } from '../iam/index.ts'
import type { Evidence } from './diagnosis.ts'
import type { DiagnosisContext } from './diagnosis-context.ts'
import { describeCondition } from './evidence.ts'

export type CapturedDeny = { readonly layer: PolicyType | null; readonly evidence: Evidence }

export function capturedDenies({ denial }: DiagnosisContext): readonly CapturedDeny[] {
  const own = denial.awsEvaluation
  // A call can need several actions, and AWS may have evaluated another one.
  if (own === null || actionNamed(own.action) !== denial.action) return []
  return own.policies.flatMap(policy =>
    policy.denies.map(sid => ({ layer: policy.type, evidence: denyEvidence(policy, sid, denial) })),
  )
}

function denyEvidence(policy: CapturedPolicy, sid: string | null, denial: Denial): Evidence {
  const statement = indexOfDeny(policy, sid, denial.action)
  return {
    policyType: policy.type ?? 'aws',
    policy: policy.uri,
    attachedTo: policy.attachedTo,
    statement,
    sid: statement === null ? sid : (policy.document.Statement[statement]?.Sid ?? null),
    finding: findingOf(policy, statement, denial.awsEvaluation?.context ?? {}),
  }
}

/**
 * The index of the statement with this Sid. AWS invents a Sid for a statement without one; such a statement is found only if it
 * is the only candidate.
 */
function indexOfDeny({ document }: CapturedPolicy, sid: string | null, action: string): number | null {
  const denies = [...document.Statement.entries()].filter(([, statement]) => statement.Effect === 'Deny')
  const named = denies.filter(([, { Sid }]) => Sid !== undefined && Sid === sid)
  const possible = named.length > 0 ? named : denies.filter(([, statement]) => isMeant(statement, action))
  return possible.length === 1 ? (possible[0]?.[0] ?? null) : null
}

const isMeant = (statement: Statement, action: string): boolean =>
  (statement.Sid ?? '') === '' && matchesAction(statement, action.toLowerCase())

function findingOf({ document }: CapturedPolicy, index: number | null, seen: ContextFacts): string {
  const statement = index === null ? undefined : document.Statement[index]
  if (statement === undefined) return 'AWS says that a statement of this policy denied this request'
  const condition = describeCondition(statement.Condition)
  const when = condition === null ? '' : ` when ${condition}${seenText(statement, seen)}`
  return `denied this request${when}, according to the policy copy that AWS keeps with the request`
}

/** The values that AWS recorded for the keys of the condition. */
function seenText({ Condition = {} }: Statement, seen: ContextFacts): string {
  const keys = [...new Set(Object.values(Condition).flatMap(Object.keys))]
  const values = keys.flatMap(key => {
    const fact = seen[key.toLowerCase()]
    return fact?.state === 'present' && !isSecretKey(key) ? [`${key} ${fact.values.join(', ')}`] : []
  })
  return values.length === 0 ? '' : ` (the request had ${values.join(' and ')})`
}
