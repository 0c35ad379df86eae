/** What a deploy will be denied, and the one change that lifts all of it. Every need is analyzed like a denial. */
import type { Principal } from '../../../core/denial/index.ts'
import { evaluateRole } from '../../../core/diagnosis/index.ts'
import { parseArn, parseRoleArn, roleArn, UNNAMED_RESOURCE } from '../../../core/iam/index.ts'
import { type DeployNeeds, denialOfNeed, type Need } from '../../../iac/needs/index.ts'
import type { AccessReader } from '../../ports/access-reader.ts'
import type { AnalysisOptions } from '../denial/analyze-denial.ts'
import { gather } from '../denial/gather-access.ts'
import {
  type AssumptionQuestion,
  answerToAssumption,
  assumptionQuestions,
  assumptionsByRoles,
} from './analyze-assumptions.ts'
import { analyzeTogether, type Together } from './analyze-together.ts'
import { withMade } from './deploy-snapshot.ts'
import { type Answered, answerToDenial, unknownAnswer } from './need-answer.ts'
import { type DeployPrincipals, type NeedQuestion, needQuestion } from './need-question.ts'

export type NeedAnswer = Answered & {
  readonly need: Need
  readonly role: string
  /** Who must be allowed: who deploys, another role of the deploy, or a service. */
  readonly by: Principal
  /** Who lifts a need that is denied: this change, the code that makes the role, or an owner. */
  readonly fix: NeedFix | null
  /** The trust policy, where the source makes or sets it. */
  readonly trust: TrustPlace | null
}

export type NeedFix = 'patch' | 'code' | 'owner'
export type TrustPlace = { readonly file: string; readonly line: number | null; readonly logicalId: string }

export type DeployAnalysis = { readonly answers: readonly NeedAnswer[]; readonly change: Together }

export type NeedOptions = Omit<AnalysisOptions, 'asked' | 'granted'> & {
  readonly principals: DeployPrincipals
  readonly region: string | null
  readonly partition: string
  /** Asks only who has to be able to assume the passed roles, not who may pass them. */
  readonly only?: 'trust'
  readonly progress?: (done: number, of: number) => void
}

/** A need of the deploy, and after each passed role what those who assume it need. */
type Question = NeedQuestion | AssumptionQuestion

export async function analyzeNeeds(deploy: DeployNeeds, options: NeedOptions): Promise<DeployAnalysis> {
  const { partition, principals, progress } = options
  const reader = withMade(options.reader, { partition, roles: deploy.made, profiles: deploy.profiles })
  const own = { ...options, reader }
  const ask = (need: Need) => needQuestion(need, { deploy, principals, partition, reader })
  const questions: Question[] = []
  for (const need of deploy.needs) {
    const question = await ask(need)
    if (need.implied && !(await isMissing(question, reader))) continue
    const trust = assumptionQuestions(question, deploy)
    if (options.only === 'trust') {
      questions.push(...trust)
      continue
    }
    questions.push(question, ...trust)
    for (const further of assumptionsByRoles(need)) questions.push(await ask(further))
  }
  const answered = new Map<string, Answered>()
  const first: NeedAnswer[] = []
  // A pass that is never allowed has nobody who assumes the role.
  let refused: NeedQuestion | null = null
  for (const [index, question] of questions.entries()) {
    if ('passed' in question && question.passed === refused) continue
    const key = keyOf(question)
    const answer = answered.get(key) ?? (await answerTo(question, own))
    answered.set(key, answer)
    if (!('passed' in question) && answer.diagnosis?.cause === 'cross-account-pass-role') refused = question
    first.push(needAnswer(question, answer))
    progress?.(index + 1, questions.length)
  }
  const denied = new Map(
    first.flatMap(({ denial, fix }) => (denial === null || fix === 'code' ? [] : [[denial.id, denial] as const])),
  )
  const change = await analyzeTogether([...denied.values()], { ...own, asked: true })
  return { answers: first.map(answer => withChange(answer, change)), change }
}

function needAnswer(question: Question, answer: Answered): NeedAnswer {
  const { need, by } = question
  if (!('passed' in question)) return { need, role: question.role, by, fix: null, trust: null, ...answer }
  const { made, passed } = question
  const trust = made === null ? null : { file: made.file, line: made.trustLine ?? made.line, logicalId: made.logicalId }
  const isOfTrust = TRUST_CAUSES.has(answer.diagnosis?.cause ?? '') && answer.isDeniedElsewhere !== true
  const isOfCode = made !== null && answer.answer === 'denied' && isOfTrust
  return { need, role: passed.role, by, fix: isOfCode ? 'code' : null, trust, ...answer }
}

/** What the document of the role decides. */
const TRUST_CAUSES: ReadonlySet<string> = new Set(['trust-gap', 'trust-condition', 'explicit-deny', 'unknown'])

function withChange(answer: NeedAnswer, { refused, lifted }: Together): NeedAnswer {
  const { denial, fix } = answer
  if (answer.answer !== 'denied' || fix !== null) return answer
  if (denial === null) return { ...answer, fix: 'owner' }
  const isLifted = lifted.includes(denial.id)
  return { ...answer, refusal: refused.get(denial.id) ?? null, fix: isLifted ? 'patch' : 'owner' }
}

/** A role that is not known, or whose service is not, is identified by its place: the answer names it. */
function keyOf(question: Question): string {
  const { need, by } = question
  const { file, logicalId, property } = need.where
  const { exact } = 'passed' in question ? question.passed : question
  const isNamed = exact !== null && !('passed' in question && question.assumption === null)
  const asked = isNamed ? exact : `${file} ${logicalId} ${property}`
  const sends = 'passed' in question ? JSON.stringify(question.assumption) : ''
  return [need.action, need.operation, need.service, need.via, asked, by.arn ?? by.name ?? by.kind, sends].join(' ')
}

async function answerTo(question: Question, options: NeedOptions): Promise<Answered> {
  if ('passed' in question) return answerToAssumption(question, options)
  const { need, exact, by } = question
  if (exact === null) return answerToPattern(question, options)
  const denial = denialOfNeed(need, exact, by, { region: options.region, nowMs: options.nowMs })
  return answerToDenial(denial, options)
}

/** The role is not known yet. It is allowed only where every role that it may turn out to be is. */
async function answerToPattern(question: NeedQuestion, options: NeedOptions): Promise<Answered> {
  const { need, by, unknown } = question
  if (by.kind !== 'unknown' && (await isAllowedForAll(question, options))) {
    return { answer: 'allowed', diagnosis: null, refusal: null, denial: null }
  }
  const { logicalId, property } = need.where
  const why = unknown === null ? '' : `: ${unknown.why}`
  return unknownAnswer(`Which role ${logicalId} names in ${property} is not known before the deploy${why}.`, unknown)
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
