/** What to do, in the order in which to do it: the first one is the answer. */
import { descriptorOf } from '../../../core/actions/index.ts'
import { never } from '../../../core/base/index.ts'
import { callerLabel, ownedRole } from '../../../core/diagnosis/index.ts'
import { entityName } from '../../../core/iam/index.ts'
import { type Target, toolStep } from '../../../core/patch/index.ts'
import type { Analysis } from '../../../functions/workflows/index.ts'
import type { DiagnosisOutput } from '../../outputs/diagnosis.ts'

type Next = DiagnosisOutput['next'][number]

export function nextOf(analysis: Analysis): readonly Next[] {
  const steps = analysis.diagnosis.nextSteps.map(({ text, command, owner }) => ({ do: text, command, who: owner }))
  const first = firstOf(analysis)
  return first === null ? steps : [first, ...steps.filter(step => step.do !== first.do)]
}

/** Null where the diagnosis itself begins with what to do. */
function firstOf({ denial, diagnosis, patch, refusal, verification }: Analysis): Next | null {
  if (patch !== null) {
    const ofTool = patch.changes.map(({ target }) => toolStep(target)).find(step => step !== null)
    if (ofTool !== undefined) return { do: ofTool.text, command: ofTool.command, who: ofTool.owner }
    const { verb } = descriptorOf(denial.action).wording
    const role = denial.resource === null ? 'the role' : `role ${entityName(denial.resource)}`
    const targets = patch.changes.map(({ target }) => targetText(target)).join(' and the ')
    return {
      do: `Change the ${targets} as shown: ${callerLabel(denial)} may then ${verb} ${role} (${denial.action})${verification?.proof?.outcome === 'nothing-else' ? ', and nothing else changes' : ''}.`,
      command: null,
      who: null,
    }
  }
  const [step] = diagnosis.nextSteps
  const isAnswered = diagnosis.gaps.length === 0 || diagnosis.roleGone !== undefined
  if (refusal === null || (step !== undefined && isAnswered)) return null
  const [unseen] = diagnosis.unknowns
  const refused = refusal.message === diagnosis.summary ? '' : ` ${refusal.message}`
  if (verification === null && unseen !== undefined)
    return { do: `Find out ${unseen.fact} first (${unseen.why}).${refused}`, command: null, who: refusal.owner }
  const ofTool =
    refusal.code === 'administrator-roles' ? ownedRole(denial, `${denial.action} on ${denial.resource}`) : null
  if (ofTool !== null && diagnosis.gaps.every(({ kind }) => kind === 'identity'))
    return { do: `${ofTool.step.text}${refused}`, command: ofTool.step.command, who: ofTool.step.owner }
  const owner = refusal.owner ?? step?.owner ?? 'the owner of the role'
  return { do: `Ask ${owner}.${refused}`, command: null, who: owner }
}

/** A target in words, without an article. */
export function targetText({ kind, accountId, name, policyName }: Target): string {
  const policy = policyName ?? ''
  switch (kind) {
    case 'role-inline-policy':
      return `inline policy ${policy} of role ${name} in ${accountId}`
    case 'user-inline-policy':
      return `inline policy ${policy} of user ${name} in ${accountId}`
    case 'managed-policy':
      return `managed policy ${name} in ${accountId}`
    case 'role-trust-policy':
      return `trust policy of role ${name} in ${accountId}`
    case 'permission-set-inline-policy':
      return `inline policy of permission set ${name} in ${accountId}`
    default:
      return never(kind)
  }
}
