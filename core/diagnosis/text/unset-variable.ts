/** The role is named like the value of a variable that is not set: the call names no role at all. */
import { descriptorOf } from '../../actions/index.ts'
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import type { Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { writtenRole } from './role-in-text.ts'

/** What JavaScript, Python, Go, Ruby and shells print of nothing. */
const NOTHING = /^(?:null|undefined|None|nil|NaN|false|%!s\(<nil>\)|\[object Object\])$/

const isUnsetName = (resource: string | null): boolean => NOTHING.test(writtenRole(resource)?.name ?? '')

export const unsetVariable: Rule = context => {
  const { denial } = context
  const { types, mustExist } = descriptorOf(denial.action).target
  if (!mustExist || !types.includes('role') || !isUnsetName(denial.resource)) return null
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'role-not-found',
      summary: `${denial.resource} most likely names no role: “${writtenRole(denial.resource)?.name}” is what a variable gives that is not set.`,
      nextSteps: [
        advice(
          'Set the variable that names the role in the configuration of the call. This command shows the roles that there are.',
          "aws iam list-roles --query 'Roles[].Arn' --output text",
          'the person who configures the call',
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}
