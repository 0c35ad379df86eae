/** The CDK reports that the environment is not bootstrapped: its roles are missing too. */
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import { denialAsksTrust, type Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { bootstrapCommand, bootstrapRoleIn } from '../wording/cdk-bootstrap.ts'
import { writtenRole } from './role-in-text.ts'

export const notBootstrapped: Rule = context => {
  const { denial } = context
  const role = bootstrapRoleIn(writtenRole(denial.resource)?.name ?? null)
  if (denial.hints?.notBootstrapped !== true || role === null || !denialAsksTrust(denial)) return null
  const { where } = role
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'role-not-found',
      summary: `${where} is not bootstrapped for the CDK (qualifier ${role.qualifier}), as the CDK reports itself: bootstrapping creates the missing role.`,
      nextSteps: [
        advice(
          `Bootstrap ${where}, or deploy to a bootstrapped environment.`,
          bootstrapCommand(role),
          'the owner of that account',
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}
