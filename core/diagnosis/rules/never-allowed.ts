/**
 * Calls that no policy can allow: by root, by federated users, passing a role to another account, across partitions, with AWS's
 * own roles. The message alone proves it.
 */

import { asksTrustPolicy, descriptorOf } from '../../actions/index.ts'
import type { Denial } from '../../denial/index.ts'
import { parseArn, parseRoleArn, serviceOfLinkedRole } from '../../iam/index.ts'
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import type { Rule } from '../diagnosis-context.ts'
import { callerLabel } from '../wording/short-names.ts'

export const rootCaller: Rule = context => {
  const { denial } = context
  if (denial.principal.kind !== 'root' && denial.reason !== 'root-cannot-assume') return null
  const account = denial.principal.accountId ?? denial.accountId ?? 'the account'
  return buildDiagnosis(context, 'not-ours', {
    cause: 'root-caller',
    summary: `The caller is the root user of ${account}: ${descriptorOf(denial.action).wording.root}.`,
    nextSteps: [advice('Sign in as an IAM user, or through IAM Identity Center, and repeat the call from there.')],
  })
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html */
export const federatedCaller: Rule = context => {
  const { denial, resource } = context
  if (denial.principal.kind !== 'federated-user' || !asksTrustPolicy(denial.action, resource ?? '')) return null
  return buildDiagnosis(context, 'not-ours', {
    cause: 'session-policy-gap',
    summary: `${callerLabel(denial)} has a session from GetFederationToken, which can call no operation of STS except GetCallerIdentity: no policy lets it assume a role.`,
    nextSteps: [advice('Assume the role with the keys of the IAM user, or from a session of a role.')],
  })
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export const otherPartition: Rule = context => {
  const { denial, resource, roleAccount } = context
  const role = resource === null ? null : parseArn(resource)
  const own = parseArn(denial.principal.roleArn ?? denial.principal.arn ?? '')
  if (role === null || own === null || role.partition === own.partition) return null
  // Same account: the ARN has a typo, and the role is searched by its name.
  if (roleAccount === null || roleAccount === denial.principal.accountId) return null
  return buildDiagnosis(context, 'not-ours', {
    cause: descriptorOf(denial.action).passesRoles ? 'cross-account-pass-role' : 'role-not-found',
    summary: `${resource} is in the partition ${role.partition} and ${callerLabel(denial)} is in ${own.partition}: no policy reaches across partitions.`,
    nextSteps: [advice(`Use a role in ${own.partition}, or credentials of ${role.partition}.`)],
  })
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html */
export const crossAccountPass: Rule = context => {
  const { denial, resource } = context
  if (!descriptorOf(denial.action).passesRoles) return null
  if (denial.reason !== 'cross-account-pass-role' && context.crossAccount !== true) return null
  const role = resource ?? 'A role of another account'
  const account = denial.principal.accountId ?? denial.accountId
  return buildDiagnosis(context, 'not-ours', {
    cause: 'cross-account-pass-role',
    summary: `${role} cannot be passed: a role can only be passed inside its own account.`,
    nextSteps: [
      advice(
        `Use a role of the account where the call is made${account === null ? '' : ` (${account})`} and name its ARN instead.`,
      ),
    ],
  })
}

export const reservedTarget: Rule = context => {
  const { denial, resource, target } = context
  const { reservedRole } = descriptorOf(denial.action).wording
  const arn = parseArn(resource ?? '')
  if (resource === null || arn === null || reservedRole === null) return null
  const serviceLinked = arn.resource.startsWith('role/aws-service-role/')
  // If the service-linked role does not exist, the advice how to create it is better. A text may hide its account.
  if (
    serviceLinked &&
    target?.role.kind === 'absent' &&
    parseRoleArn(resource) !== null &&
    !goesElsewhere(denial, resource)
  )
    return null
  if (!serviceLinked && !arn.resource.startsWith('role/aws-reserved/')) return null
  if (serviceLinked && asksForServiceLinkedRole(denial, resource)) return null
  // The text says that it is missing.
  const linked = denial.hints?.linkedService ?? null
  if (target?.role.kind !== 'found' && linked !== null && linked === serviceOfLinkedRole(resource)) return null
  const name = arn.resource.slice(arn.resource.lastIndexOf('/') + 1)
  return buildDiagnosis(context, 'not-ours', {
    cause: 'reserved-role',
    summary: `${name} is AWS's own ${serviceLinked ? 'service-linked ' : ''}role: it can be neither ${reservedRole} nor edited, so no policy of ${callerLabel(denial)} helps.`,
    nextSteps: [
      serviceLinked
        ? advice(
            descriptorOf(denial.action).passesRoles || denial.principal.kind === 'service'
              ? 'Leave the role parameter out, so that the service uses its own role, or name a role that you created.'
              : `Name a role that you created: only ${serviceOfLinkedRole(resource) ?? 'its service'} can assume this one.`,
          )
        : advice(
            'Name a role that you created. What an AWSReservedSSO role may do is changed in its permission set.',
            null,
            'the administrators of IAM Identity Center',
          ),
    ],
  })
}

/** True where a service-linked role is passed to another service than its own: creating it is no way. */
function goesElsewhere({ passes }: Denial, resource: string): boolean {
  const services = passes.find(({ arn }) => arn === resource)?.service.values ?? []
  const own = serviceOfLinkedRole(resource)
  return services.length > 0 && services.every(({ service }) => service !== own)
}

/**
 * True for a parameter that takes only the service-linked role: passing it needs iam:PassRole as for any role.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/security_iam_id-based-policy-examples.html
 */
const asksForServiceLinkedRole = ({ passes }: Denial, resource: string): boolean =>
  passes.some(({ arn, parameter }) => arn === resource && /^serviceLinkedRoleARN$/i.test(parameter ?? ''))
