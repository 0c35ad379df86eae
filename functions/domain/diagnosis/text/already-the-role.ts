/** The caller's session is of the very role that it is to assume. */
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import { asksTrust, type Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { dropTheHop } from '../wording/tools.ts'
import { isAccount, tells, writtenCaller, writtenRole } from './role-in-text.ts'

export const alreadyTheRole: Rule = context => {
  const { denial } = context
  const own = writtenCaller(denial.principal)
  const wanted = writtenRole(denial.resource)
  if (!asksTrust(denial) || own === null || wanted === null) return null
  const isSame = own.name === wanted.name && own.account === wanted.account && own.partition === wanted.partition
  if (!isSame || !tells(own.name)) return null
  const unless = isAccount(own.account) ? '' : ' (if both accounts are one: the text hides their ids)'
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'self-assume',
      summary: `The caller already is role ${own.name}${unless}, and tries to assume it once more: a role may do so only where its own trust policy names it.`,
      nextSteps: [
        advice(
          `Drop the hop: ${dropTheHop(denial.hints?.tool ?? null)}. The session already has every right of ${own.name}. This shows which role the credentials are of.`,
          'aws sts get-caller-identity',
          'whoever configures the call',
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}
