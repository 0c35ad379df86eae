/** How certain a cause is: what is unknown, and whether AWS's reason agrees. */

import { isDifferentEntity } from '../access/index.ts'
import type { Unknown } from '../base/index.ts'
import { type Denial, isPlanned } from '../denial/index.ts'
import type { LayerOutcome, PolicyType } from '../iam/index.ts'
import { awsContradictsItself } from './aws-reason.ts'
import type { Evidence, Verdict } from './diagnosis.ts'
import {
  type DiagnosisContext,
  denialAsksTrust,
  hasNoIdentityPolicies,
  layerOutcome,
  wasRead,
} from './diagnosis-context.ts'
import { awsReasonEvidence } from './evidence.ts'
import { layerName, whyUnread } from './wording/short-names.ts'

/** Layers that are listed when unread but do not lower the verdict: if one denies, the grant has no effect and does no harm. */
const LISTED_WHEN_UNSEEN: readonly PolicyType[] = ['session', 'scp', 'rcp', 'vpce']

export function unseenGuardrails(asked: Pick<DiagnosisContext, 'denial' | 'evaluation'>): readonly Unknown[] {
  const layers = asked.evaluation?.layers ?? []
  return layers
    .filter(({ type, answer }) => answer === 'unseen' && LISTED_WHEN_UNSEEN.includes(type))
    .filter(layer => layer.type !== 'vpce' || mayHaveUsedEndpoint(asked.denial))
    .map(layer => ({
      fact: layer.unknowns[0]?.fact ?? layerName(layer.type),
      why: layer.unknowns[0]?.why ?? 'it was not read',
    }))
}

/** False for a record, which names the VPC endpoint of the call, and for services, which use none. */
const mayHaveUsedEndpoint = ({ source, principal, context }: Denial): boolean =>
  (source === 'message' && principal.kind !== 'service') || context['aws:sourcevpce']?.state === 'present'

/** Unknown facts that rule out `proved`. */
export function decisiveUnknowns(context: DiagnosisContext): readonly Unknown[] {
  return unique([...inferred(context), ...unreadCaller(context), ...unreadTrust(context), ...unseenKeys(context)])
}

/** What the text does not say, including what was assumed instead. */
export function inferred({ denial }: DiagnosisContext): readonly Unknown[] {
  const { resource, source, unread } = denial
  const unnamed = source === 'message' && resource === null
  return [...(unnamed ? [{ fact: 'the role', why: whyUnread(unread) }] : []), ...taken(denial)]
}

/** What was assumed where the text says nothing. */
export function taken({ roleFromLog, accountFrom }: Denial): readonly Unknown[] {
  return [
    ...(roleFromLog === true
      ? [{ fact: 'the role', why: 'the sentence does not name it: it is from the log, where a setting beside it does' }]
      : []),
    ...(accountFrom === undefined
      ? []
      : [
          {
            fact: 'the account id',
            why: `the text hides that of ${accountFrom.of}: ${accountFrom.accountId} is taken, the account given, where exactly one is so named`,
          },
        ]),
  ]
}

function unreadCaller({ denial, snapshot }: DiagnosisContext): readonly Unknown[] {
  if (hasNoIdentityPolicies(denial)) return []
  const { caller } = snapshot
  const fact = "the caller's policies"
  if (caller.kind === 'unreadable') return [{ fact, why: caller.why }]
  if (caller.kind === 'absent')
    return [{ fact, why: isPlanned(denial) ? 'the account has no such caller' : 'the caller no longer exists' }]
  const { unseen, boundary, arn } = caller.value
  if (isDifferentEntity(denial.principal, caller.value))
    return [
      {
        fact,
        why: isPlanned(denial)
          ? `the caller of this name in the account is ${arn}: give this ARN`
          : 'the caller was deleted, and another of the same name was created since',
      },
    ]
  return boundary.kind === 'unreadable' ? [...unseen, { fact: 'permissions boundary', why: boundary.why }] : unseen
}

function unreadTrust({ denial, target }: DiagnosisContext): readonly Unknown[] {
  if (!denialAsksTrust(denial)) return []
  const fact = 'role trust policy'
  if (target === null) return [{ fact, why: 'the role was not read' }]
  if (target.role.kind === 'unreadable') return [{ fact, why: target.role.why }]
  if (target.role.kind === 'absent') return [{ fact, why: 'the ARN names no role of an account' }]
  if (target.role.value.trust.known) return []
  return [{ fact, why: target.role.value.trust.why }]
}

/** Condition keys that leave a statement of a read layer undecided. */
function unseenKeys(context: DiagnosisContext): readonly Unknown[] {
  return (context.evaluation?.layers ?? [])
    .filter(layer => layer.answer === 'unknown')
    .flatMap(layer => layer.about.filter(one => one.matches === 'unknown').flatMap(one => one.unknowns))
}

/** The contradiction between AWS's reason and the policies that were read. Null: they agree, or AWS gave no reason. */
export function disagreement(context: DiagnosisContext): Evidence | null {
  const { reason, denial } = context
  if (awsContradictsItself(denial)) {
    return aws('AWS’s own evaluation and its error text disagree with each other', null)
  }
  if (reason === null) return null
  const denies = (context.evaluation?.layers ?? []).filter(layer => layer.answer === 'explicit-deny')
  if (reason.effect === 'deny') {
    const where =
      reason.layer === null ? (context.evaluation?.layers ?? []) : present(layerOutcome(context, reason.layer))
    if (where.length === 0 || where.some(layer => mayDeny(context, layer))) return null
    return aws(
      `${awsReasonEvidence(reason).finding}, but no such statement was found in what was read`,
      reason.policyArn,
    )
  }
  if (denies[0] !== undefined) {
    return aws(`${awsReasonEvidence(reason).finding}, but the ${layerName(denies[0].type)} read now denies it`, null)
  }
  const layer = reason.layer === null ? null : layerOutcome(context, reason.layer)
  if (layer === null || !wasRead(context, layer)) return null
  if (layer.answer !== 'allows' && layer.answer !== 'not-applicable') return null
  return aws(
    `${awsReasonEvidence(reason).finding}, but ${layer.answer === 'allows' ? `the ${layerName(layer.type)} read now allows it` : `no ${layerName(layer.type)} applies`}`,
    reason.policyArn,
  )
}

const mayDeny = (context: DiagnosisContext, layer: LayerOutcome): boolean =>
  layer.answer === 'explicit-deny' ||
  !wasRead(context, layer) ||
  layer.about.some(one => one.effect === 'Deny' && one.matches === 'unknown')

const aws = (finding: string, policy: string | null): Evidence => ({
  policyType: 'aws',
  policy,
  attachedTo: null,
  statement: null,
  sid: null,
  finding,
})

const present = <T>(value: T | null): readonly T[] => (value === null ? [] : [value])

export function unique(unknowns: readonly Unknown[]): readonly Unknown[] {
  const facts = new Set<string>()
  return unknowns.filter(({ fact }) => !facts.has(fact) && facts.add(fact))
}

/** AWS's reason, and the contradiction if there is one: the last lines of the evidence. */
export function awsEvidence({ reason }: DiagnosisContext, conflict: Evidence | null): readonly Evidence[] {
  if (conflict !== null) return [conflict]
  return reason === null ? [] : [awsReasonEvidence(reason)]
}

/** `ifCertain` if every decisive fact is known and AWS agrees, otherwise `likely`. */
export function verdictFor(
  context: DiagnosisContext,
  ifCertain: Exclude<Verdict, 'likely'>,
  uncertain: readonly Unknown[],
): Verdict {
  return uncertain.length === 0 && disagreement(context) === null ? ifCertain : 'likely'
}
