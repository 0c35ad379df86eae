/** Compares the evaluator with AWS's recorded answers: how often they agree, and where they do not. */
import type { Denial } from '../../../core/denial/index.ts'
import { answerTo, type OwnAnswer } from '../../../core/diagnosis/index.ts'
import type { AccessReader } from '../../../functions/ports/index.ts'
import { gather } from '../../../functions/workflows/index.ts'
import type { BacktestOutput } from '../../outputs/backtest.ts'
import type { AnsweredCall } from './history.ts'

export type Calibration = NonNullable<BacktestOutput['calibration']>

/** Limits the list, not the counts. */
const MAX_DISAGREEMENTS = 100
/** Far more than the roles of an account and their callers. */
const MAX_CACHED = 100_000

export type Calibrator = {
  ask(question: AnsweredCall): Promise<void>
  result(): Calibration
}

/** `texts`: the content of the files that `reader` reads, in parts. */
export function calibrator(reader: AccessReader, texts: Iterable<string>): Calibrator {
  const answers = new Map<string, OwnAnswer>()
  const isMentioned = mentionsIn(texts)
  const result = { allowedCalls: 0, evaluatedAllowed: 0, deniedCalls: 0, evaluatedDenied: 0, unknown: 0 }
  const disagreements: Calibration['disagreements'] = []

  async function answerOnce({ call, aws }: AnsweredCall): Promise<OwnAnswer> {
    const key = `${aws} ${sameQuestion(call, isMentioned)}`
    const known = answers.get(key)
    if (known !== undefined) return known
    const answer = answerTo(call, await gather(call, reader), aws)
    if (answers.size >= MAX_CACHED) answers.clear()
    answers.set(key, answer)
    return answer
  }

  return {
    async ask(question) {
      const { aws, call } = question
      const { answer, why } = await answerOnce(question)
      result[aws === 'allowed' ? 'allowedCalls' : 'deniedCalls'] += 1
      if (answer === 'unknown') result.unknown += 1
      else if (answer === aws) result[aws === 'allowed' ? 'evaluatedAllowed' : 'evaluatedDenied'] += 1
      else if (disagreements.length < MAX_DISAGREEMENTS)
        disagreements.push({ eventId: call.id, aws, rolemedic: answer, why })
    },
    result: () => ({ ...result, disagreements }),
  }
}

/** The exact number, even if the list is truncated. */
export const disagreementsIn = (one: Calibration): number =>
  one.allowedCalls + one.deniedCalls - one.evaluatedAllowed - one.evaluatedDenied - one.unknown

/** Condition keys that differ from call to call. They matter only if a policy mentions them. */
const VARYING = [
  'aws:currenttime',
  'aws:epochtime',
  'aws:tokenissuetime',
  'aws:useragent',
  'aws:sourceip',
  'aws:vpcsourceip',
  'aws:sourcevpce',
  'aws:userid',
  'sts:rolesessionname',
]
const SESSION_ARN = 'assumed-role'

function mentionsIn(texts: Iterable<string>): (name: string) => boolean {
  const mentioned = new Set<string>()
  for (const each of texts) {
    const text = each.toLowerCase()
    // JSON may contain the name with escapes.
    for (const name of [...VARYING, SESSION_ARN])
      if (text.includes(name) || text.includes(name.replace(':', '%3a')) || text.includes('\\u')) mentioned.add(name)
  }
  return name => (!VARYING.includes(name) && name !== SESSION_ARN) || mentioned.has(name)
}

/** Equal for calls with the same answer. Includes session name and id if a policy may mention them. */
function sameQuestion(call: Denial, isMentioned: (name: string) => boolean): string {
  const { principal, action, resource, passes, reason, claims, via, region } = call
  const isSessionNamed = isMentioned(SESSION_ARN) || isMentioned('aws:userid')
  const { arn, sessionName, uniqueId, ...entity } = principal
  const name = principal.kind === 'user' || principal.kind === 'root' ? arn : null
  const session = isSessionNamed
    ? [arn, sessionName, uniqueId]
    : [name, uniqueId?.split(':')[0] ?? null, sessionName === null, /^m?i-/.test(sessionName ?? '')]
  const context = Object.entries(call.context)
    .filter(([key]) => isMentioned(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([action, resource, entity, session, passes, reason, claims, via, region, context])
}
