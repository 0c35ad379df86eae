/** Next steps besides the grant: where the grant belongs, and what the same call or deploy needs next. */
import { descriptorOf } from '../actions/index.ts'
import { parseRoleArn } from '../iam/index.ts'
import type { NextStep } from './diagnosis.ts'
import { advice } from './diagnosis-builder.ts'
import { type DiagnosisContext, denialAsksTrust } from './diagnosis-context.ts'
import { parseBootstrapRole, siblingRoles } from './wording/cdk-bootstrap.ts'

export const followUpSteps = (context: DiagnosisContext): readonly NextStep[] => [
  ...permissionSet(context),
  ...besidesPolicies(context),
  ...missingRoles(context),
  ...bootstrapRoles(context),
]

/** Causes besides policies. Also shown when the policies allow the call by now. */
export function besidesPolicies({ denial }: DiagnosisContext): readonly NextStep[] {
  const { besidesPolicies: text } = descriptorOf(denial.action).wording
  return text === null ? [] : [advice(text)]
}

function permissionSet({ denial }: DiagnosisContext): readonly NextStep[] {
  if (denial.principal.kind !== 'sso-role') return []
  const text = 'Change the permission set: Identity Center manages the role itself.'
  return [advice(text, null, 'the administrators of IAM Identity Center')]
}

/** Other roles of the call that do not exist. They fail next, and no grant fixes that. */
function missingRoles({ snapshot, resource }: DiagnosisContext): readonly NextStep[] {
  return snapshot.targets
    .filter(target => target.arn !== resource && target.role.kind === 'absent')
    .map(target => advice(`The same call names ${target.arn}, which does not exist: correct it or create it.`))
}

function bootstrapRoles({ denial, resource }: DiagnosisContext): readonly NextStep[] {
  const role = resource === null ? null : parseRoleArn(resource)
  const bootstrap = role === null || !denialAsksTrust(denial) ? null : parseBootstrapRole(role.name)
  if (bootstrap === null) return []
  return [
    advice(`A deploy also assumes ${siblingRoles(bootstrap).join(', ')}. Each gets its own grant when it is denied.`),
  ]
}
