/** The first use of a service in an account creates its service-linked role, and the caller must not create it. */
import { descriptorOf } from '../../actions/index.ts'
import type { Denial } from '../../denial/index.ts'
import { serviceOfLinkedRole } from '../../iam/index.ts'
import { buildDiagnosis } from '../diagnosis-builder.ts'
import type { Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { linkedRoleStep } from '../wording/linked-role.ts'
import { callerLabel, callerLabelFirst } from '../wording/short-names.ts'

/** Null: the text names no service. */
export function linkedService({ resource, hints, context }: Denial): string | null {
  const sent = context['iam:awsservicename']
  const [named] = sent?.state === 'present' ? sent.values : []
  return serviceOfLinkedRole(resource) ?? named ?? hints?.linkedService ?? null
}

export const linkedRoleRefused: Rule = context => {
  const { denial } = context
  if (descriptorOf(denial.action).serviceKey !== 'iam:AWSServiceName') return null
  const service = linkedService(denial)
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'identity-gap',
      summary: `${callerLabelFirst(denial)} may not create the service-linked role${service === null ? '' : ` of ${service}`}: no policy of ${callerLabel(denial)} allows ${denial.action}.`,
      nextSteps: [linkedRoleStep(service)],
    },
    decisiveUnknowns(context),
  )
}
