/** An explicit deny in any policy overrides every allow. It is intentional, so no patch changes it. */

import { descriptorOf } from '../../actions/index.ts'
import type { Unknown } from '../../base/index.ts'
import type { LayerOutcome, StatementOutcome } from '../../iam/index.ts'
import type { AwsReason } from '../aws-reason.ts'
import { type CapturedDeny, capturedDenies } from '../captured-deny.ts'
import type { Diagnosis, NextStep } from '../diagnosis.ts'
import { advice, guardedDiagnosis } from '../diagnosis-builder.ts'
import { type DiagnosisContext, type Rule, wasRead } from '../diagnosis-context.ts'
import { describeCondition, evidenceOf } from '../evidence.ts'
import { linkedService } from '../text/linked-role.ts'
import { decisiveUnknowns, disagreement, unique } from '../verdict.ts'
import { linkedRoleStep } from '../wording/linked-role.ts'
import { isMfaKey, MFA_STEP } from '../wording/mfa.ts'
import { callerLabel, capitalize, layerName, layerOwner, withArticle } from '../wording/short-names.ts'

export const explicitDenyFound: Rule = context => {
  const layers = (context.evaluation?.layers ?? []).filter(layer => layer.answer === 'explicit-deny')
  const [layer] = layers
  if (layer === undefined) return null
  const statements = layers.flatMap(one => one.deciding.filter(outcome => outcome.effect === 'Deny'))
  return denied(context, layer, statements)
}

/** AWS reports an explicit deny in a statement whose condition is unknown, or in a policy that was not read. */
export const explicitDenyReported: Rule = context => {
  const { reason } = context
  if (reason === null || reason.effect !== 'deny') return null
  const layers = context.evaluation?.layers ?? []
  const named = reason.layer === null ? layers : layers.filter(layer => layer.type === reason.layer)
  for (const layer of named) {
    const possible = layer.about.filter(one => one.effect === 'Deny' && one.matches === 'unknown')
    if (possible.length > 0) return denied(context, layer, possible)
  }
  const unread = named.length === 0 || named.some(layer => !wasRead(context, layer) || mayLack(layer, reason.policyArn))
  if (!unread) return null
  return deniedUnread(context, reason)
}

/** True when the policy ARN that AWS names may not be among those read, because some of them have no ARN. */
function mayLack({ statements }: LayerOutcome, policyArn: string | null): boolean {
  if (policyArn === null) return false
  const read = statements.map(one => one.policy)
  return (
    read.some(({ arn }) => arn === null) &&
    !read.some(({ arn, name }) => arn === policyArn || policyArn.endsWith(`/${name}`))
  )
}

/** The deny is in a policy that was not read. If AWS kept a copy, the statement comes from there. */
function deniedUnread(context: DiagnosisContext, reason: AwsReason): Diagnosis {
  const captured = capturedDenies(context)
  const [first] = captured.filter(({ layer }) => reason.layer === null || layer === null || layer === reason.layer)
  const type = reason.layer ?? first?.layer ?? null
  const arn = reason.policyArn ?? arnOf(first)
  const where = type === null ? 'a policy that was not read' : withArticle(layerName(type))
  return guardedDiagnosis(context, {
    cause: 'explicit-deny',
    summary: `AWS says that an explicit deny in ${where}${arn === null ? '' : ` (${arn})`}${statementOf(first)} stops ${callerLabel(context.denial)} from ${context.denial.action}; no allow can overrule it.`,
    evidence: captured.map(({ evidence }) => evidence),
    // The disagreement already says who to ask.
    nextSteps:
      type === null
        ? [advice(howToFind(first))]
        : disagreement(context) === null
          ? [...besides(context), ask(layerOwner(type, arn))]
          : [],
  })
}

/** An administrator can do once what a deny forbids the caller. */
function besides({ denial }: DiagnosisContext): readonly NextStep[] {
  const isLinked = descriptorOf(denial.action).serviceKey === 'iam:AWSServiceName'
  return isLinked ? [linkedRoleStep(linkedService(denial))] : []
}

function arnOf(captured: CapturedDeny | undefined): string | null {
  const policy = captured?.evidence.policy ?? null
  return policy?.startsWith('arn:') === true ? policy : null
}

function statementOf(captured: CapturedDeny | undefined): string {
  const { statement = null, sid = null } = captured?.evidence ?? {}
  return statement === null ? '' : `, statement ${statement + 1}${sid === null ? '' : ` (${sid})`},`
}

function howToFind(captured: CapturedDeny | undefined): string {
  return captured === undefined
    ? 'Find the deny: decode the message, or check the service control policies of the account.'
    : 'Find the owner of the policy: the evidence shows the statement.'
}

/** All allows are known, but a deny depends on an unknown key and may decide. */
export const possibleDeny: Rule = context => {
  if (context.evaluation?.answer !== 'unknown') return null
  for (const layer of context.evaluation.layers) {
    const possible = layer.about.filter(one => one.effect === 'Deny' && one.matches === 'unknown')
    const uncertain = possible.flatMap(one => one.unknowns)
    if (
      possible.length > 0 &&
      decisiveUnknowns(context).every(({ fact }) => uncertain.some(one => one.fact === fact))
    ) {
      return denied(context, layer, possible, uncertain)
    }
  }
  return null
}

const ask = (owner: string): NextStep => advice(`Ask ${owner}.`, null, owner)

function denied(
  context: DiagnosisContext,
  layer: LayerOutcome,
  statements: readonly StatementOutcome[],
  uncertain: readonly Unknown[] = [],
): Diagnosis {
  const [first] = statements
  const arn = first?.policy.arn ?? null
  const policy = first === undefined ? '' : ` ${arn ?? first.policy.name}`
  const index =
    first === undefined ? '' : `, statement ${first.index + 1}${first.sid === null ? '' : ` (${first.sid})`}`
  const mfa = statements.some(wantsMfa)
  const owner = layerOwner(layer.type, arn ?? first?.policy.name ?? null)
  const verb = uncertain.length > 0 ? 'may explicitly deny' : 'explicitly denies'
  return guardedDiagnosis(
    context,
    {
      cause: 'explicit-deny',
      summary: `${capitalize(layerName(layer.type))}${policy}${index} ${verb} ${context.denial.action} to ${callerLabel(context.denial)}${mfa ? ' without MFA' : ''}; no allow can overrule it.`,
      evidence: statements.map(one => evidenceOf(one, denyFinding(one))),
      nextSteps: [...(mfa ? [MFA_STEP] : []), ...(statements.some(revokes) ? [NEW_SESSION] : []), ask(owner)],
    },
    unique(uncertain),
  )
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html */
const NEW_SESSION = advice(
  'Find out why sessions that began before that time were revoked, usually because credentials may have leaked, then start a new session.',
)

const conditionOf = (outcome: StatementOutcome) => outcome.policy.document.Statement[outcome.index]?.Condition

function wantsMfa(outcome: StatementOutcome): boolean {
  return Object.values(conditionOf(outcome) ?? {}).some(keys => Object.keys(keys).some(isMfaKey))
}

function revokes(outcome: StatementOutcome): boolean {
  const keys = Object.values(conditionOf(outcome) ?? {}).flatMap(Object.keys)
  return keys.some(key => key.toLowerCase() === 'aws:tokenissuetime')
}

function denyFinding(outcome: StatementOutcome): string {
  const condition = describeCondition(conditionOf(outcome))
  const when = condition === null ? '' : ` when ${condition}`
  return outcome.matches === 'unknown'
    ? `may deny this request${when}: cannot see ${outcome.unknowns.map(one => one.fact).join(', ')}`
    : `denies this request${when}`
}
