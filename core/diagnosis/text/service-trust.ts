/** A service reports that it cannot assume its role. This follows when an iam:PassRole denial is fixed. */
import type { NextStep } from '../diagnosis.ts'
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import { type DiagnosisContext, denialAsksTrust, type Rule } from '../diagnosis-context.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { linkedRoleCommand } from '../wording/linked-role.ts'
import { callerLabel, callerLabelFirst } from '../wording/short-names.ts'
import { consolePath } from '../wording/well-known-roles.ts'
import { inAccount, nameAlone, roleCalled, showTrust, writtenRole } from './role-in-text.ts'

/** Matches `Please verify that the ECS service linked role exists`, and one that cannot assume the role that it picks by itself. */
export const linkedRoleAbsent: Rule = context => {
  const { denial } = context
  const service = denial.hints?.linkedService ?? null
  if (denial.principal.kind !== 'service' || service === null || !denialAsksTrust(denial)) return null
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'role-not-found',
      summary: `The service-linked role of ${service} is missing: this account has not used the service before, or the role was deleted.`,
      nextSteps: [
        advice(
          'Have an administrator create it once, then repeat the call.',
          linkedRoleCommand(service),
          'an administrator of the account',
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}

export const serviceUntrusted: Rule = context => {
  const { denial, resource } = context
  if (denial.principal.kind !== 'service' || !denialAsksTrust(denial)) return null
  const service = callerLabel(denial)
  const wanted = denial.principal.name === null ? 'the service of the failed call' : service
  const name = nameAlone(denial)
  const role = roleCalled(denial)
  return buildDiagnosis(
    context,
    'likely',
    {
      cause: 'trust-gap',
      summary: `${callerLabelFirst(denial)} cannot assume ${denial.resource === null && name === null ? 'the role that it was given' : role}: most likely the role’s trust policy does not name ${service}.`,
      nextSteps: [
        ...byHabit(context, service),
        advice(
          `Check that the role exists and who it trusts${inAccount(resource)}: it must allow ${denial.action} to ${wanted}. If the role was created within the last minute, just try again.`,
          showTrust(denial.resource, name),
          `the owner of ${role}`,
        ),
      ],
    },
    decisiveUnknowns(context),
  )
}

/** Next steps for roles that a console or a command creates under a fixed name. */
function byHabit({ denial }: DiagnosisContext, service: string): readonly NextStep[] {
  const role = writtenRole(denial.resource)
  if (role === null) return []
  if (/^elasticmapreduce\./.test(service) && /^EMR_(?:EC2_)?DefaultRole$/.test(role.name))
    return [advice(`If ${role.name} is missing, one command creates it.`, 'aws emr create-default-roles')]
  // https://docs.aws.amazon.com/redshift/latest/mgmt/copy-unload-iam-role.html
  if (/^redshift\./.test(service))
    return [
      advice(
        'Check that the cluster has the role, where a query of a cluster failed: the trust of the role alone is not enough.',
        "aws redshift describe-clusters --query 'Clusters[].[ClusterIdentifier,IamRoles]'",
      ),
    ]
  const path = consolePath(role.name)
  if (path === null || denial.resource === null || denial.resource.includes(`:role${path}`)) return []
  const whole = `arn:${role.partition}:iam::${role.account}:role${path}${role.name}`
  return [
    advice(`The console creates roles with this kind of name under the path ${path}: the full ARN is then ${whole}.`),
  ]
}
