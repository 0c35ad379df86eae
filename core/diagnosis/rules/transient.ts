/**
 * Denials that time solved: IAM takes seconds, at times about a minute, to show a new role, grant or trust policy everywhere.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
import { MINUTE_MS, spanText, utcSecond } from '../../base/index.ts'
import { entityName } from '../../iam/index.ts'
import { type Diagnosis, isConditionCause } from '../diagnosis.ts'
import { advice } from '../diagnosis-builder.ts'
import { type DiagnosisContext, denialAsksTrust } from '../diagnosis-context.ts'
import { callerLabel } from '../wording/short-names.ts'

/** Younger than this, a role or a write may not be visible everywhere. */
const YOUNG_MS = MINUTE_MS

/** Later than this, a success is no sign that IAM was slow. */
const PROPAGATED_MS = 15 * MINUTE_MS

export function withTime(context: DiagnosisContext, diagnosis: Diagnosis): Diagnosis {
  const { solved } = context.time
  if (solved === null)
    return (
      withBetween(context, diagnosis) ??
      (diagnosis.cause === 'already-allowed' ? whileYoung(context, diagnosis) : withTakenBy(context, diagnosis))
    )
  const when = `The same call worked at ${utcSecond(solved.atMs)}, ${spanText(solved.afterMs)} later`
  if (solved.by === 'change') {
    const by = solved.change === null ? '' : `, after ${solved.change}`
    return {
      ...withoutPatch(diagnosis, 'change'),
      summary: `${sentence(diagnosis.summary)} ${when}${by}.`,
      nextSteps: [advice(`Nothing is to be changed: a change has solved it${by}.`), ...diagnosis.nextSteps],
    }
  }
  if (isGapSeen(context, diagnosis))
    return {
      ...withoutPatch(diagnosis, 'time'),
      summary: `${sentence(diagnosis.summary)} ${when}, without a change of the answer: the evidence disagrees.`,
      nextSteps: [advice('Repeat the call before anything is changed: it worked later.'), ...diagnosis.nextSteps],
    }
  if (context.time.answerThen === 'unknown' && isConditionCause(diagnosis.cause) && youngest(context) === null)
    return {
      ...withoutPatch(diagnosis, 'time'),
      summary: `${sentence(diagnosis.summary)} ${when}: it may have sent what this one did not.`,
      nextSteps: [
        advice('Compare what both calls sent: nothing is to be changed in the policies.'),
        ...diagnosis.nextSteps,
      ],
    }
  if (solved.unsure !== null && solved.afterMs > PROPAGATED_MS)
    return {
      ...withoutPatch(diagnosis, 'change'),
      summary: `${sentence(diagnosis.summary)} ${when}: whether a change made it work is not seen (${solved.unsure}).`,
      nextSteps: [advice('Nothing is to be changed: it works by now.'), ...diagnosis.nextSteps],
    }
  const { gaps: _, serviceGuessed: __, onlyTaken: ___, roleGone: ____, ...rest } = diagnosis
  // Without an answer of that moment the calls may differ in what no record shows, such as an external id.
  const isProved = solved.unsure === null && context.time.answerThen === 'allowed'
  return {
    ...rest,
    gaps: [],
    cause: 'transient',
    verdict: isProved ? 'proved' : 'likely',
    unknowns: [
      ...rest.unknowns,
      ...(solved.unsure === null ? [] : [{ fact: 'changes between the denial and the success', why: solved.unsure }]),
    ],
    summary: `${when}, without a change of the answer${solved.unsure === null ? '' : ' that is seen'}${age(context)}: nothing is to be changed.`,
    nextSteps: [advice(RETRY)],
  }
}

/** What was read is not what decided the denial. Null: no write is seen that makes a difference. */
function withBetween(context: DiagnosisContext, diagnosis: Diagnosis): Diagnosis | null {
  const { between, answerThen } = context.time
  // A policy that AWS names and that no account file holds was not read before either.
  if (between === null || (diagnosis.verdict === 'not-ours' && context.reason?.layer != null && namesOther(context)))
    return null
  const by = `${between.what} at ${utcSecond(between.atMs)}`
  const wasAllowed = answerThen === 'allowed'
  if (!between.isReadBefore) {
    if (!wasAllowed || (diagnosis.verdict !== 'proved' && diagnosis.verdict !== 'not-ours')) return null
    return {
      ...diagnosis,
      verdict: 'likely',
      summary: `${sentence(diagnosis.summary)} When it was denied, the policies allowed it: ${by} came after that.`,
    }
  }
  const { gaps: _, serviceGuessed: __, onlyTaken: ___, roleGone: ____, ...rest } = diagnosis
  if (wasAllowed && youngest(context) !== null) return whileYoung(context, { ...rest, gaps: [] })
  const stale: Diagnosis = {
    ...{ ...rest, gaps: [], cause: 'unknown', verdict: 'not-enough-evidence' },
    summary: `The policies were read before the denial, and a write since changed their answer: ${by}. When it was denied, they ${wasAllowed ? 'allowed' : 'did not allow'} it.`,
    nextSteps: [advice('Read the account again: its policies were changed after the reading.')],
  }
  return withTakenBy(context, stale)
}

function withTakenBy({ time }: DiagnosisContext, diagnosis: Diagnosis): Diagnosis {
  return time.takenBy === null ? diagnosis : { ...diagnosis, summary: `${sentence(diagnosis.summary)} ${time.takenBy}` }
}

const RETRY =
  'Nothing to change: retry the call, and let the deploy wait some seconds after it makes a role or a grant.'

/** A cause that was proved, and that also held when the call was denied. */
const isGapSeen = (context: DiagnosisContext, { verdict, cause }: Diagnosis): boolean =>
  (verdict === 'not-ours' && namesOther(context)) ||
  (context.time.answerThen !== 'allowed' &&
    context.life.deletedAtMs === null &&
    (verdict === 'proved' || verdict === 'not-ours') &&
    cause !== 'already-allowed' &&
    cause !== 'role-not-found')

/** AWS names a policy of the session, an endpoint or the organization, or none: another session, endpoint or Region may have another one. */
const namesOther = ({ reason }: DiagnosisContext): boolean =>
  reason !== null && (reason.layer === null || !['identity', 'trust', 'boundary'].includes(reason.layer))

function withoutPatch(diagnosis: Diagnosis, solved: 'time' | 'change'): Diagnosis {
  const { serviceGuessed: _, onlyTaken: __, roleGone: ___, ...rest } = diagnosis
  const isOpen = rest.verdict === 'not-enough-evidence' || rest.cause === 'already-allowed'
  return { ...rest, gaps: [], verdict: isOpen ? rest.verdict : 'likely', solved }
}

/** The policies allow it, and what it needs was new when it was denied. */
function whileYoung(context: DiagnosisContext, diagnosis: Diagnosis): Diagnosis {
  const young = youngest(context)
  if (young === null) return diagnosis
  return {
    ...diagnosis,
    cause: 'transient',
    verdict: 'likely',
    summary: `The policies allow ${callerLabel(context.denial)} ${context.denial.action}${context.resource === null ? '' : ` on ${entityName(context.resource)}`}, and ${young}: IAM takes up to a minute to show that everywhere.`,
    nextSteps: [advice(RETRY), ...diagnosis.nextSteps],
  }
}

/** Null: nothing was younger than a minute. */
function youngest(context: DiagnosisContext): string | null {
  const { time, denial } = context
  const ageMs = denialAsksTrust(denial) ? roleAgeMs(context) : null
  if (ageMs !== null && ageMs < YOUNG_MS) return `the role was ${seconds(ageMs)} old when it was denied`
  const { lastWrite } = time
  if (lastWrite === null || lastWrite.agoMs >= YOUNG_MS) return null
  return `${lastWrite.what} was ${seconds(lastWrite.agoMs)} before the denial`
}

const age = (context: DiagnosisContext): string => {
  const ageMs = roleAgeMs(context)
  return ageMs === null || ageMs >= 10 * YOUNG_MS ? '' : ` (the role was ${seconds(ageMs)} old)`
}

function roleAgeMs({ time, denial, target }: DiagnosisContext): number | null {
  if (time.roleAgeMs !== null) return time.roleAgeMs
  const createdAtMs = target?.role.kind === 'found' ? target.role.value.createdAtMs : undefined
  if (createdAtMs === undefined || denial.timeMs === null || createdAtMs > denial.timeMs) return null
  return denial.timeMs - createdAtMs
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`
const sentence = (text: string): string => `${text.replace(/\.$/, '')}.`
