/** The caller may assume the role, but not add session tags, a source identity or a context to the session. */
import { descriptorOf } from '../../actions/index.ts'
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import type { Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { callerLabel, callerLabelFirst } from '../wording/short-names.ts'
import { called, inAccount, showTrust } from './role-in-text.ts'

export const sessionParts: Rule = context => {
  const { denial } = context
  const { addsToSession: part, name: action } = descriptorOf(denial.action)
  if (part === null) return null
  const role = called(denial.resource)
  const tool = denial.hints?.tool ?? null
  const leaveOut = (tool === null ? undefined : part.leaveOut[tool]) ?? part.leaveOut.otherwise
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'trust-gap',
      summary: `${callerLabelFirst(denial)} adds ${part.what} when it assumes ${role}, which needs ${action} in addition to sts:AssumeRole, and one side lacks it.`,
      nextSteps: [
        advice(`Leave out ${part.what} if nothing needs it: ${leaveOut}.`, null, 'the person who configures the call'),
        advice(
          `Otherwise allow ${action} on both sides: to ${callerLabel(denial)} in the trust policy of ${role}${inAccount(denial.resource)}, next to sts:AssumeRole, and in the policies of ${callerLabel(denial)}. If its statement has a condition, such as sts:ExternalId, the call has to meet that too. This command shows the trust policy.`,
          showTrust(denial.resource),
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}
