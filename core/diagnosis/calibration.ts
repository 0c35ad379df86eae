/** Compares the evaluator with AWS: for a recorded call, AWS's answer is known. */
import { requestOf } from '../access/index.ts'
import { descriptorOf, evaluate } from '../actions/index.ts'
import type { Denial } from '../denial/index.ts'
import {
  ABSENT_KEY,
  type AccessSnapshot,
  type Evaluation,
  entityName,
  type LayerOutcome,
  present,
  type TargetRole,
} from '../iam/index.ts'
import { awsReasonOf } from './aws-reason.ts'
import { evaluateRole } from './diagnosis-context.ts'
import { possibleServices, servicesToTry } from './resolve-service.ts'

/** `why`: what decides the answer, or what is unknown. */
export type OwnAnswer = { readonly answer: 'allowed' | 'denied' | 'unknown'; readonly why: string }

/** The evaluator's answer to a recorded call. Only a known answer that differs from AWS's counts as a disagreement. */
export function answerTo(call: Denial, snapshot: AccessSnapshot, aws: 'allowed' | 'denied'): OwnAnswer {
  const unseen = whoIsUnseen(call, snapshot)
  if (unseen !== null) return unknownAnswer(unseen)
  const answers = snapshot.targets.map(target =>
    aws === 'allowed' ? answerForAllowed(call, snapshot, target) : answerForDenied(call, snapshot, target),
  )
  const denied = answers.find(({ answer }) => answer === 'denied')
  const unknown = answers.find(({ answer }) => answer === 'unknown')
  return denied ?? unknown ?? answers[0] ?? unknownAnswer('the call names no role')
}

const unknownAnswer = (why: string): OwnAnswer => ({ answer: 'unknown', why })

/** The caller or the role if the snapshot lacks it or has it under another id, because it was deleted or created again. */
function whoIsUnseen({ principal, resource }: Denial, { caller, targets }: AccessSnapshot): string | null {
  if (resource === null) return 'the record does not name the role'
  const target = targets.find(({ role }) => role.kind !== 'found')
  if (target !== undefined) return `the snapshot lacks ${target.arn}`
  switch (principal.kind) {
    case 'user':
    case 'role':
    case 'sso-role':
    case 'service-linked-role': {
      if (caller.kind !== 'found') return 'the snapshot lacks the caller'
      const id = principal.uniqueId?.split(':')[0] ?? null
      const known = caller.value.uniqueId
      return id !== null && known !== null && id !== known
        ? 'the caller was deleted and made again under the same name'
        : null
    }
    case 'federated-user':
    case 'unknown':
      return 'the record does not name an entity whose policies could be read'
    // These have no identity policies.
    default:
      return null
  }
}

/** If the value that the call sent as `iam:PassedToService` is uncertain, every possible value must give the same answer. */
function answerForAllowed(call: Denial, snapshot: AccessSnapshot, target: TargetRole): OwnAnswer {
  const request = requestOf(call, target.arn)
  if (!descriptorOf(call.action).passesRoles) return answerOf(evaluate(request, snapshot), target)
  const isBounded = possibleServices(call, target.arn, target).length > 0
  const answers = servicesToTry(call, target.arn, target).map(service => {
    const fact = service === null ? ABSENT_KEY : present(service)
    return answerOf(
      evaluate({ ...request, context: { ...request.context, 'iam:passedtoservice': fact } }, snapshot),
      target,
    )
  })
  const [first = answerOf(evaluate(request, snapshot), target)] = answers
  const isAgreed = answers.every(({ answer }) => answer === first.answer)
  return isAgreed && (isBounded || first.answer === 'allowed')
    ? first
    : unknownAnswer('it is not certain which service the call passed the role to')
}

/** Unknown if a policy that was not read may deny what the others allow. */
function answerForDenied(call: Denial, snapshot: AccessSnapshot, target: TargetRole): OwnAnswer {
  const evaluation = evaluateRole(call, snapshot, target.arn)
  const own = answerOf(evaluation, target)
  if (own.answer !== 'allowed') return own
  const layer = awsReasonOf(call)?.layer ?? null
  const usedEndpoint = call.context['aws:sourcevpce']?.state === 'present'
  const unread = evaluation.layers.filter(
    ({ type, answer, unknowns }) =>
      (answer === 'unseen' || unknowns.length > 0) &&
      (layer === null ? type !== 'vpce' || usedEndpoint : layer === type),
  )
  if (unread.length > 0) return unknownAnswer(`not read: ${unread.map(({ type }) => type).join(', ')} policies`)
  const named = layer === null ? '' : `, although AWS names the ${layer} policies`
  return { answer: 'allowed', why: `the policies in the snapshot allow it${named}: they may have changed since` }
}

function answerOf({ answer, rule, layers }: Evaluation, { arn }: TargetRole): OwnAnswer {
  const role = entityName(arn)
  switch (answer) {
    case 'allowed':
      return { answer, why: `the policies in the snapshot allow it on ${role}` }
    case 'unknown':
      return { answer, why: `what decides it on ${role} could not be seen` }
    case 'denied': {
      const deciding = layers.filter(layer => layer.answer === 'explicit-deny' || layer.answer === 'implicit-deny')
      const why = rule ?? deciding.map(layerText).join('; ')
      return { answer, why: `on ${role}: ${why}` }
    }
  }
}

function layerText({ type, answer, deciding }: LayerOutcome): string {
  if (answer === 'implicit-deny') return `no ${type} policy in the snapshot allows it`
  const [first] = deciding
  const where = first === undefined ? '' : ` (${first.policy.name}, statement ${first.sid ?? first.index + 1})`
  return `the ${type} policies in the snapshot deny it${where}`
}
