import { seenCaller } from '../../../iam/index.ts'
import type { Target } from '../../patch.ts'
import { type Finding, type Guardrail, type GuardrailInput, PASS, refuse, warn, worst } from '../guardrail.ts'

/** A change to a managed policy affects every entity that has it. */
export const sharedPolicy: Guardrail = {
  id: 'shared-policy',
  check: input =>
    worst(
      input.patch.changes
        .filter(change => change.target.kind === 'managed-policy')
        .map(change => check(change.target, input)),
    ),
}

function check(target: Target, { snapshot }: GuardrailInput): Finding {
  const caller = seenCaller(snapshot)
  const policy = caller?.policies.find(one => one.arn === target.arn)
  if (policy?.bounds === true || (caller?.boundary.kind === 'found' && caller.boundary.value.arn === target.arn))
    return refuse(
      `${target.name} is also a permissions boundary: only its owner may change it.`,
      `owner of ${target.name}`,
    )
  const attachments = policy?.attachments
  if (attachments === 1) return PASS
  const others = attachments === undefined ? '' : ` (${attachments - 1})`
  return warn(
    `${target.name} is a managed policy: the change also affects the other entities that it is attached to${others}.`,
    'elevated',
  )
}
