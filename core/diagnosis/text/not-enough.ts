/** What an error text alone leaves open, in plain words, and how to find it out. */
import { descriptorOf, needsBothSides } from '../../actions/index.ts'
import type { Denial } from '../../denial/index.ts'
import type { Cause, Diagnosis, NextStep } from '../diagnosis.ts'
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import { type DiagnosisContext, denialAsksTrust, hasNoIdentityPolicies } from '../diagnosis-context.ts'
import { besidesPolicies } from '../follow-up-steps.ts'
import { decisiveUnknowns } from '../verdict.ts'
import { maybeNotBootstrapped } from '../wording/cdk-bootstrap.ts'
import { policiesStep } from '../wording/policies-step.ts'
import { recordLookupStep } from '../wording/record-step.ts'
import { callerLabel, callerLabelFirst, layerName } from '../wording/short-names.ts'
import { called, inAccount, roleCalled, showTrust, writtenRole } from './role-in-text.ts'
import { trustHints } from './trust-hints.ts'

export function textNotEnough(context: DiagnosisContext): Diagnosis {
  return buildDiagnosis(
    context,
    'not-enough-evidence',
    { cause: causeSaid(context), summary: summaryOf(context), nextSteps: stepsOf(context) },
    decisiveUnknowns(context),
  )
}

/** What AWS's own words name; nothing was read that could prove it. */
function causeSaid({ reason }: DiagnosisContext): Cause {
  if (reason?.effect !== 'gap') return 'unknown'
  switch (reason.layer) {
    case 'identity':
      return 'identity-gap'
    case 'trust':
      return 'trust-gap'
    default:
      return 'unknown'
  }
}

function summaryOf(context: DiagnosisContext): string {
  const { denial, passedService } = context
  const to = passedService === null ? '' : ` to ${passedService.services.join(' or ')}`
  const { verb } = descriptorOf(denial.action).wording
  return `${callerLabelFirst(denial)} may not ${verb} ${roleCalled(denial)}${to} (${denial.action}): ${because(context)}`
}

function because({ reason, denial }: DiagnosisContext): string {
  const layer = reason?.effect === 'gap' ? reason.layer : null
  // Who passes a role asks no policy of it: the words stay AWS's own.
  const isOther = layer === 'trust' && !denialAsksTrust(denial)
  if (layer !== null)
    return `AWS says that no ${isOther ? 'resource-based policy' : layerName(layer)} allows it. The policies themselves were not read.`
  const it = denial.source === 'message' ? 'the text' : 'the record'
  if (!denialAsksTrust(denial)) return `${it} does not say which policy refuses it.`
  return hasNoIdentityPolicies(denial)
    ? `${it} does not say why.`
    : `${it} does not say whether the role’s trust policy or the caller’s own policies refuse it, or whether the role exists.`
}

function stepsOf(context: DiagnosisContext): readonly NextStep[] {
  const { denial, target } = context
  const steps = [...decodeSteps(denial), ...(denial.resource === null ? unnamedRole(denial) : roleSteps(context))]
  const more = target?.role.kind === 'found' ? [] : bootstrapSteps(denial)
  return [...steps, ...more, ...policiesStep(context), ...besidesPolicies(context)]
}

const unnamedRole = (denial: Denial): readonly NextStep[] =>
  denial.source === 'message'
    ? [recordLookupStep(denial)]
    : [advice('Find the ARN of the role in the configuration of the call: the record does not name it.')]

/** Steps to get AWS's own evaluation from the encoded message or the authorization id. */
export function decodeSteps({ encodedMessage, authorizationId, awsEvaluation }: Denial): readonly NextStep[] {
  if (awsEvaluation !== null) return []
  const decode =
    encodedMessage === null
      ? []
      : encodedMessage.cut
        ? [advice('The encoded message is truncated: copy all of it from the output of the failed command.')]
        : [
            advice(
              'Decode the message.',
              'aws sts decode-authorization-message --encoded-message ENCODED_MESSAGE > decoded.json',
            ),
          ]
  const lookUp =
    authorizationId === null
      ? []
      : [advice(`Look up the authorization id ${authorizationId} in the IAM console, within 24 hours.`)]
  return [...decode, ...lookUp]
}

function roleSteps(context: DiagnosisContext): readonly NextStep[] {
  const { denial, passedService, crossAccount } = context
  const role = called(denial.resource)
  if (denialAsksTrust(denial)) {
    const both = crossAccount === true || needsBothSides(denial.action)
    const own = `the policies of ${callerLabel(denial)} must allow ${denial.action} on it`
    return [
      advice(
        `Check who ${role} trusts${inAccount(denial.resource)}: ${callerLabel(denial)} or its account must be listed${both ? `, and ${own}` : `; if only the account is listed, ${own}`}. NoSuchEntity means that the role does not exist, which AWS reports with the same denial.`,
        showTrust(denial.resource),
        `the owner of ${role}`,
      ),
      ...trustHints(denial),
    ]
  }
  if (!descriptorOf(denial.action).passesRoles || passedService !== null) return []
  return [
    advice(
      `Find the one service that receives the role, for iam:PassedToService: the trust policy of ${role} shows it${inAccount(denial.resource)}.`,
      showTrust(denial.resource),
    ),
    ...(denial.source === 'message' ? [recordLookupStep(denial)] : []),
  ]
}

function bootstrapSteps(denial: Denial): readonly NextStep[] {
  return denial.hints?.roleExists === true ? [] : maybeNotBootstrapped(writtenRole(denial.resource)?.name ?? null)
}
