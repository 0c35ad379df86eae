/**
 * The role does not exist. STS then returns the same AccessDenied. AWS checks iam:PassRole before it looks the role up, so a
 * passed role that is absent now is no cause of the denial: a rollback deletes the roles of its stack within seconds.
 * Role names are unique ignoring case, while ARNs match exactly, so a similar name is usually the intended one.
 */
import { descriptorOf, wantsRole } from '../../actions/index.ts'
import { parseArn, parseRoleArn, type TargetRole } from '../../iam/index.ts'
import type { Diagnosis, NextStep, Verdict } from '../diagnosis.ts'
import { advice, buildDiagnosis } from '../diagnosis-builder.ts'
import type { DiagnosisContext, Rule } from '../diagnosis-context.ts'
import { meantRole } from '../text/wrong-arn.ts'
import { inferred, verdictFor } from '../verdict.ts'
import { type BootstrapRole, bootstrapStep, parseBootstrapRole } from '../wording/cdk-bootstrap.ts'
import { callerLabel } from '../wording/short-names.ts'
import { creationOf } from '../wording/well-known-roles.ts'

/** Before the policies are judged: absence is a cause, or the ARN is not the one of an existing role. */
export const roleMissing: Rule = context => {
  const { target, life } = context
  if (!mayBeMissing(context, target)) return null
  if (target.role.kind === 'found') {
    return target.role.value.arn === target.arn ? null : nameMismatch(context, target.arn, target.role.value.arn)
  }
  const near = target.near.known ? target.near.value : []
  const meant = sameName(target.arn, near)
  if (meant !== null) return nameMismatch(context, target.arn, meant)
  // A role that was there when it was named has no other name.
  if (life.deletedAtMs !== null) return null
  const isCause = !isJudgedFirst(context) || parseRoleArn(target.arn) === null || life.neverExisted || near.length > 0
  return isCause ? notFound(context, target.arn, near) : null
}

/** After the policies: the caller lacks nothing that was seen, and the passed role is absent. */
export const passedRoleMissing: Rule = context => {
  const { target, life } = context
  if (!mayBeMissing(context, target) || target.role.kind !== 'absent' || life.deletedAtMs !== null) return null
  return isJudgedFirst(context) ? notFound(context, target.arn, []) : null
}

/** AWS judges the caller before it looks the role up. */
const isJudgedFirst = ({ denial }: DiagnosisContext): boolean => descriptorOf(denial.action).passesRoles

function mayBeMissing({ denial }: DiagnosisContext, target: TargetRole | null): target is TargetRole {
  const { mustExist } = descriptorOf(denial.action).target
  if (target === null || !mustExist || !wantsRole(denial.action, target.arn)) return false
  return target.role.kind !== 'unreadable' && !isRedacted(target.arn)
}

/** Absence now proves nothing about the moment of a pass, unless a trail shows that the role never existed. */
const absenceVerdict = (context: DiagnosisContext): Verdict =>
  isJudgedFirst(context) && !context.life.neverExisted ? 'likely' : verdictFor(context, 'proved', inferred(context))

/** True for a role ARN whose account or name the author of the text has redacted. */
const isRedacted = (arn: string): boolean =>
  parseRoleArn(arn) === null && parseArn(arn)?.resource.startsWith('role/') === true

/** The existing role that differs only in case or path. */
function sameName(arn: string, near: readonly string[]): string | null {
  const name = parseRoleArn(arn)?.name.toLowerCase()
  return near.find(one => parseRoleArn(one)?.name.toLowerCase() === name) ?? null
}

function nameMismatch(context: DiagnosisContext, asked: string, real: string): Diagnosis {
  const a = parseRoleArn(asked)
  const b = parseRoleArn(real)
  const differs = [
    a?.partition === b?.partition
      ? null
      : `the partition is ${b?.partition ?? 'aws'} instead of ${a?.partition ?? 'aws'}`,
    a?.path === b?.path ? null : `the path is ${b?.path ?? '/'} instead of ${a?.path ?? '/'}`,
    a?.name === b?.name ? null : `the name is written ${b?.name ?? ''} instead of ${a?.name ?? ''}`,
  ].filter(part => part !== null)
  // No role of another partition can have existed.
  const certain = a?.partition !== b?.partition
  return buildDiagnosis(context, certain ? verdictFor(context, 'proved', inferred(context)) : absenceVerdict(context), {
    cause: 'role-name-mismatch',
    summary: `${asked} does not exist, but ${real} does: ${differs.join(' and ')}, and ARNs match exactly.`,
    nextSteps: [
      advice(
        `Use ${real} in the configuration of ${callerLabel(context.denial)}.`,
        null,
        'the person who configures the call',
      ),
    ],
  })
}

function notFound(context: DiagnosisContext, asked: string, near: readonly string[]): Diagnosis {
  const role = parseRoleArn(asked)
  if (role === null) return noRole(context, asked)
  const { why, steps: known } = knownOrigin(asked, near)
  const steps: NextStep[] = [...known]
  if (near.length > 0) steps.push(advice(`Use a role that exists. Similar names: ${near.slice(0, 3).join(', ')}.`))
  if (steps.length === 0)
    steps.push(advice('Check the role ARN in the configuration of the caller, or create the role.'))
  const nearest = why === '' && near[0] !== undefined ? `; the nearest name is ${parseRoleArn(near[0])?.name}` : ''
  return buildDiagnosis(context, absenceVerdict(context), {
    cause: 'role-not-found',
    summary: `Role ${role.name} does not exist in account ${role.accountId}${why}${nearest}.`,
    nextSteps: steps,
  })
}

/** For a role of the CDK bootstrap, and for one that guides name: why it is absent, and how it is made. */
export function knownOrigin(
  arn: string,
  near: readonly string[],
): { readonly why: string; readonly steps: readonly NextStep[] } {
  const role = parseRoleArn(arn)
  const bootstrap = parseBootstrapRole(role?.name ?? '')
  if (bootstrap !== null) {
    const where = `aws://${bootstrap.accountId}/${bootstrap.region}`
    const why = near.some(one => isSibling(bootstrap, one))
      ? `: the CDK bootstrap of ${where} (qualifier ${bootstrap.qualifier}) is an older version or customized, and lacks it`
      : `: ${where} is not bootstrapped for the CDK with the qualifier ${bootstrap.qualifier}`
    return { why, steps: [bootstrapStep(bootstrap)] }
  }
  const creation = creationOf(arn)
  if (role === null || creation === null) return { why: '', steps: [] }
  const step = advice(creation.text, creation.command, `the owner of account ${role.accountId}`)
  return { why: ': it has to be created first', steps: [step] }
}

/** A text may show only a part of the ARN that was sent. */
function noRole(context: DiagnosisContext, asked: string): Diagnosis {
  return buildDiagnosis(
    context,
    context.denial.source === 'message' ? 'likely' : verdictFor(context, 'proved', inferred(context)),
    {
      cause: 'role-not-found',
      summary: `${asked} is not a role, so it can be neither assumed nor passed.`,
      nextSteps: [
        advice(
          `Use the ARN of a role, such as ${meantRole(asked)}: this one names ${parseArn(asked)?.resource ?? 'something else'}.`,
          "aws iam list-roles --query 'Roles[].Arn' --output text",
        ),
      ],
    },
  )
}

/** True for another role of the same CDK bootstrap. */
function isSibling({ qualifier, accountId, region }: BootstrapRole, arn: string): boolean {
  const other = parseBootstrapRole(parseRoleArn(arn)?.name ?? '')
  return other?.qualifier === qualifier && other.accountId === accountId && other.region === region
}
