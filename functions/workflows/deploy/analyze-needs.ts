/** What a deploy will be denied, and the one change that lifts all of it. Every need is analyzed like a denial. */
import type { Refusal } from '../../../core/base/index.ts'
import type { Denial, Principal } from '../../../core/denial/index.ts'
import { type Diagnosis, evaluateNow, evaluateRole } from '../../../core/diagnosis/index.ts'
import { type Answer, parseArn, parseRoleArn, roleArn, UNNAMED_RESOURCE } from '../../../core/iam/index.ts'
import { type DeployNeeds, denialOfNeed, type Need } from '../../../iac/needs/index.ts'
import type { AccessReader } from '../../ports/access-reader.ts'
import { type AnalysisOptions, type Diagnosed, diagnoseNow } from '../denial/analyze-denial.ts'
import { gather } from '../denial/gather-access.ts'
import { analyzeTogether, type Together } from './analyze-together.ts'
import { withMade } from './deploy-snapshot.ts'
import { type DeployPrincipals, type NeedQuestion, needQuestion } from './need-question.ts'

export type NeedAnswer = {
  readonly need: Need
  readonly role: string
  readonly by: Principal
  readonly answer: Answer
  /** Null: the need is allowed. */
  readonly diagnosis: NeedDiagnosis | null
  /** Why nothing is offered for a need that is denied. */
  readonly refusal: Refusal | null
  /** The need as a denial, for the patch. Null: nothing is patched. */
  readonly denial: Denial | null
}

export type NeedDiagnosis = Pick<Diagnosis, 'cause' | 'verdict' | 'summary' | 'unknowns'>

export type DeployAnalysis = { readonly answers: readonly NeedAnswer[]; readonly change: Together }

export type NeedOptions = Omit<AnalysisOptions, 'asked' | 'granted'> & {
  readonly principals: DeployPrincipals
  readonly region: string | null
  readonly partition: string
  readonly progress?: (done: number, of: number) => void
}

export async function analyzeNeeds(deploy: DeployNeeds, options: NeedOptions): Promise<DeployAnalysis> {
  const { partition, principals, progress } = options
  const reader = withMade(options.reader, { partition, roles: deploy.made, profiles: deploy.profiles })
  const own = { ...options, reader }
  const questions: NeedQuestion[] = []
  for (const need of deploy.needs) {
    const question = await needQuestion(need, { deploy, principals, partition, reader })
    if (!need.implied || (await isMissing(question, reader))) questions.push(question)
  }
  const answered = new Map<string, Answered>()
  const first: NeedAnswer[] = []
  for (const question of questions) {
    const key = keyOf(question)
    const answer = answered.get(key) ?? (await answerTo(question, own))
    answered.set(key, answer)
    first.push({ need: question.need, role: question.role, by: question.by, ...answer })
    progress?.(first.length, questions.length)
  }
  const denied = new Map(first.flatMap(({ denial }) => (denial === null ? [] : [[denial.id, denial] as const])))
  const change = await analyzeTogether([...denied.values()], { ...own, asked: true })
  const answers = first.map(answer =>
    answer.denial === null ? answer : { ...answer, refusal: change.refused.get(answer.denial.id) ?? null },
  )
  return { answers, change }
}

type Answered = Pick<NeedAnswer, 'answer' | 'diagnosis' | 'refusal' | 'denial'>

/** A role that is not known is identified by its place. */
const keyOf = ({ need, exact, by }: NeedQuestion): string => {
  const { file, logicalId, property } = need.where
  const asked = exact ?? `${file} ${logicalId} ${property}`
  return [need.action, need.operation, need.service, need.via, asked, by.arn ?? by.kind].join(' ')
}

async function answerTo(question: NeedQuestion, options: NeedOptions): Promise<Answered> {
  const { need, exact, by } = question
  if (exact === null) return answerToPattern(question, options)
  const denial = denialOfNeed(need, exact, by, { region: options.region, nowMs: options.nowMs })
  const diagnosed = await diagnoseNow(denial, options)
  const answer = answerOf(diagnosed)
  if (answer === 'allowed') return { answer, diagnosis: null, refusal: null, denial: null }
  const { cause, verdict, summary, unknowns } = diagnosed.diagnosis
  const diagnosis = { cause, verdict, summary: ahead(summary), unknowns }
  return { answer, diagnosis, refusal: null, denial: answer === 'denied' ? denial : null }
}

/** Causes outside of policies deny whatever the policies say. */
function answerOf({ call, snapshot, diagnosis }: Diagnosed): Answer {
  switch (diagnosis.cause) {
    case 'already-allowed':
      return 'allowed'
    case 'role-not-found':
    case 'role-name-mismatch':
    case 'reserved-role':
    case 'cross-account-pass-role':
    case 'root-caller':
      return 'denied'
    default: {
      const now = evaluateNow(call, snapshot)
      // A deny or a guardrail that was read decides, even if something else is unknown.
      return now === 'unknown' && (diagnosis.verdict === 'proved' || diagnosis.verdict === 'not-ours') ? 'denied' : now
    }
  }
}

/** Diagnoses describe a past call, needs a future one. */
const ahead = (summary: string): string => summary.replaceAll(' was denied ', ' will be denied ')

/** The role is not known yet. It is allowed only if every role that it may become is allowed. */
async function answerToPattern(question: NeedQuestion, options: NeedOptions): Promise<Answered> {
  const { need, by, unknown } = question
  const nothing = { refusal: null, denial: null }
  if (by.kind !== 'unknown' && (await isAllowedForAll(question, options))) {
    return { answer: 'allowed', diagnosis: null, ...nothing }
  }
  const { logicalId, property } = need.where
  const why = unknown === null ? '' : `: ${unknown.why}`
  const summary = `Which role ${logicalId} names in ${property} is not known before the deploy${why}.`
  const unknowns = unknown === null ? [] : [unknown]
  return {
    answer: 'unknown',
    diagnosis: { cause: 'unknown', verdict: 'not-enough-evidence', summary, unknowns },
    ...nothing,
  }
}

/** Names that no role has. A pattern that matches all of them allows any name at this place. */
const SAMPLES = ['zq8vxk2', 'M-hb4rT0wy29uclsd6e', 'a1/b2/Kw93jx']

async function isAllowedForAll({ need, role, by }: NeedQuestion, options: NeedOptions): Promise<boolean> {
  const place = { region: options.region, nowMs: options.nowMs }
  const account = by.accountId ?? ''
  const filled = SAMPLES.map(sample => fill(role, account, sample)).filter(arn => parseRoleArn(arn) !== null)
  const [one] = filled
  if (one === undefined) return false
  const base = denialOfNeed(need, one, by, place)
  if (base.passes.length === 0) return false
  const snapshot = { ...(await gather({ ...base, resource: null, passes: [] }, options.reader)), targets: [] }
  for (const arn of filled) {
    const denial = denialOfNeed(need, arn, by, place)
    if (evaluateRole(denial, snapshot, arn).answer !== 'allowed') return false
  }
  // A deny covers only some names, and the role may get one of them.
  const unnamed = {
    ...base,
    resource: UNNAMED_RESOURCE,
    passes: base.passes.map(pass => ({ ...pass, arn: UNNAMED_RESOURCE })),
  }
  const { layers } = evaluateRole(unnamed, snapshot, UNNAMED_RESOURCE)
  return !layers.flatMap(layer => layer.about).some(({ effect, matches }) => effect === 'Deny' && matches !== 'no')
}

/** Fills the first unknown part of the name and everything after it. The account is the caller's own. */
function fill(pattern: string, account: string, sample: string): string {
  const arn = parseArn(pattern)
  if (arn === null) return ''
  const name = arn.resource.replace(/^role\//, '')
  const isPath = sample.includes('/')
  // Only a completely unknown name may include a path.
  const filled = name === '*' ? sample : name.replaceAll('*', isPath ? 'Kw93jx' : sample)
  return roleArn(arn.partition, /^\d{12}$/.test(arn.accountId) ? arn.accountId : account, filled)
}

/** Every account has these roles. A list of roles without them is incomplete, so that missing roles may exist. */
const IN_EVERY_ACCOUNT = ['AWSServiceRoleForSupport', 'AWSServiceRoleForTrustedAdvisor']

async function isMissing({ role, by }: NeedQuestion, reader: AccessReader): Promise<boolean> {
  const linked = parseRoleArn(role)
  if (linked === null || by.accountId === null) return false
  const { accountId, name } = linked
  const read = await reader.role({ accountId, name }, 'trust')
  if (read.kind !== 'absent') return false
  for (const known of IN_EVERY_ACCOUNT) {
    if ((await reader.role({ accountId, name: known }, 'trust')).kind === 'found') return true
  }
  return false
}
