import { callerOf } from '../../drafting/draft-context.ts'
import type { Target } from '../../patch.ts'
import { type Examined, type Finding, type Guardrail, PASS, refuse, warn, worst } from '../guardrail.ts'

/** A managed policy reaches everybody who carries it. */
export const sharedPolicy: Guardrail = {
  id: 'shared-policy',
  check: analyzed =>
    worst(
      analyzed.patch.changes
        .filter(change => change.target.kind === 'managed-policy')
        .map(change => check(change.target, analyzed)),
    ),
}

function check(target: Target, { snapshot }: Examined): Finding {
  const caller = callerOf(snapshot)
  const policy = caller?.policies.find(one => one.arn === target.arn)
  if (policy?.bounds === true || (caller?.boundary.kind === 'found' && caller.boundary.value.arn === target.arn))
    return refuse(
      `${target.name} is also a permissions boundary: its owner decides about it.`,
      `owner of ${target.name}`,
    )
  const attachments = policy?.attachments
  if (attachments === 1) return PASS
  const others = attachments === undefined ? '' : ` (${attachments - 1})`
  return warn(
    `${target.name} is a managed policy: the change also reaches whoever else carries it${others}.`,
    'elevated',
  )
}
