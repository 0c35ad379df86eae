/** The caller's session already has the role that it wants to assume. */
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import { denialAsksTrust, type Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { removeRoleSetting } from '../wording/tools.ts'
import { isAccount, isDistinctive, writtenCaller, writtenRole } from './role-in-text.ts'

export const alreadyTheRole: Rule = context => {
  const { denial } = context
  const own = writtenCaller(denial.principal)
  const wanted = writtenRole(denial.resource)
  if (!denialAsksTrust(denial) || own === null || wanted === null) return null
  const isSame =
    own.name === wanted.name && isSameAccount(own.account, wanted.account) && own.partition === wanted.partition
  if (!isSame || !isDistinctive(own.name)) return null
  const unless = isAccount(own.account) ? '' : ' (if both account ids, which the text hides, are the same)'
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'self-assume',
      summary: `The caller already is role ${own.name}${unless} and tries to assume it again: a role may do that only if its own trust policy names it.`,
      nextSteps: [
        advice(
          `Remove this call: ${removeRoleSetting(denial.hints?.tool ?? null)}. The session already has every permission of ${own.name}. This command shows the role of the credentials.`,
          'aws sts get-caller-identity',
          'the person who configures the call',
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}

/** Two masks of one sign may differ in length, as people type them by hand; by another sign they tell two accounts apart. */
const isSameAccount = (one: string, other: string): boolean =>
  one === other || (MASK.test(one) && MASK.test(other) && one[0] === other[0])

const MASK = /^([*#xX•●█])\1{0,39}$/
