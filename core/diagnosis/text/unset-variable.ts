/** The role or its account is named like the value of a variable that is not set: the call names no role at all. */
import { descriptorOf } from '../../actions/index.ts'
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import type { Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { writtenRole } from './role-in-text.ts'

/** What JavaScript, Python, Go, Ruby and shells print of nothing. */
const NOTHING = /^(?:null|undefined|None|nil|NaN|false|%!s\(<nil>\)|\[object Object\])$/

function unsetPart(resource: string | null): { readonly what: 'role' | 'account'; readonly value: string } | null {
  const role = writtenRole(resource)
  if (role === null) return null
  if (NOTHING.test(role.name)) return { what: 'role', value: role.name }
  return NOTHING.test(role.account) ? { what: 'account', value: role.account } : null
}

export const unsetVariable: Rule = context => {
  const { denial } = context
  const { types, mustExist } = descriptorOf(denial.action).target
  const unset = unsetPart(denial.resource)
  if (!mustExist || !types.includes('role') || unset === null) return null
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'role-not-found',
      summary: `${denial.resource} most likely names no role: “${unset.value}” is what a variable gives that is not set.`,
      nextSteps: [
        advice(
          `Set the variable that names the ${unset.what} in the configuration of the call. This command shows the roles that there are.`,
          "aws iam list-roles --query 'Roles[].Arn' --output text",
          'the person who configures the call',
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}
