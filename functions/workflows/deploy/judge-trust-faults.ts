/** Distinguishes why a service could not use its role, by the source of the deploy and by IAM as it is now. */

import { descriptorOf } from '../../../core/actions/index.ts'
import { type Denial, principalNamed } from '../../../core/denial/index.ts'
import { isGeneratedName } from '../../../core/diagnosis/index.ts'
import { entityName, parseRoleArn, roleArn } from '../../../core/iam/index.ts'
import { type DeployNeeds, denialOfNeed, linkedRoleName, type Need } from '../../../iac/needs/index.ts'
import { knownText } from '../../../iac/source/index.ts'
import {
  type FaultStep,
  faultAnswer,
  NEW_ROLE_MS,
  roleAsWritten,
  type ServiceReport,
  type TrustFault,
} from '../../domain/deploy/index.ts'
import type { AnalysisOptions } from '../denial/analyze-denial.ts'
import { analyzeNeeds, type NeedAnswer } from './analyze-needs.ts'
import type { Together } from './analyze-together.ts'
import { withMade } from './deploy-snapshot.ts'
import { answerToDenial } from './need-answer.ts'

export type FaultQuestion = {
  readonly reports: readonly ServiceReport[]
  /** What the source of the deploy needs and makes. Null: it was not read. */
  readonly source: DeployNeeds | null
  /** The stack's name; null without a stack. */
  readonly stack: string | null
  readonly accountId: string | null
  readonly region: string | null
  readonly partition: string
  /** Who deploys. Null: not known. */
  readonly principal: string | null
}

export type JudgedFault = {
  readonly fault: TrustFault
  readonly report: ServiceReport
  readonly cause: string | null
  /** The need as a denial, for its card. Null: nothing is patched. */
  readonly denial: Denial | null
  /** The trust policy, where the source makes or sets it. */
  readonly trust: NeedAnswer['trust']
}

export type JudgedFaults = {
  readonly faults: readonly JudgedFault[]
  /** The change for every fault that is to be patched. */
  readonly change: Together
}

type Options = Omit<AnalysisOptions, 'asked' | 'granted'>

export async function judgeTrustFaults(question: FaultQuestion, options: Options): Promise<JudgedFaults> {
  const { reports, source } = question
  const found: JudgedFault[] = []
  const picked = new Map<ServiceReport, readonly Need[]>()
  for (const report of reports)
    if (report.kind === 'cannot-assume' && source !== null) picked.set(report, needsOf(report, source))
  const needs = [...new Set([...picked.values()].flat())]
  const { answers, change } = await trustAnswers(needs, question, options)
  for (const report of reports) {
    if (report.kind === 'linked-role') {
      found.push(await judgeLinkedRole(report, question, options))
      continue
    }
    const own = picked.get(report) ?? []
    const judged = own.length === 0 ? null : await bySource(report, answersOf(report, own, answers), question, options)
    const fault = judged ?? (await byText(report, question, options))
    found.push(...(fault === null ? [] : [fault].flat()))
  }
  return { faults: eachOnce(found), change }
}

/** Two texts about one role, service and place are one fault. The certain one stays. */
function eachOnce(all: readonly JudgedFault[]): readonly JudgedFault[] {
  const found = new Map<string, JudgedFault>()
  for (const one of all) {
    const { kind, role, service, place } = one.fault
    const key = JSON.stringify([kind, role ?? roleAsWritten(one.report), service, place?.logicalId, one.denial?.action])
    const before = found.get(key)
    if (before === undefined || (before.fault.certainty === 'probable' && one.fault.certainty === 'certain'))
      found.set(key, one)
  }
  // One certain cause silences every probable one.
  const isSure = [...found.values()].some(({ fault }) => fault.certainty === 'certain')
  return [...found.values()].filter(({ fault }) => !isSure || fault.certainty === 'certain')
}

async function trustAnswers(needs: readonly Need[], question: FaultQuestion, options: Options) {
  const { source, partition, region, accountId } = question
  const nothing: Together = { verified: null, followUps: [], refused: new Map(), lifted: [], allowed: [] }
  if (source === null || needs.length === 0) return { answers: [], change: nothing }
  const principal = question.principal ?? `arn:${partition}:iam::${accountId ?? ''}:root`
  const deploy = { ...source, needs }
  return analyzeNeeds(deploy, { ...options, partition, region, principals: { principal, caller: null }, only: 'trust' })
}

type Refusal = Extract<ServiceReport, { readonly kind: 'cannot-assume' }>

/** The passes of the failed resource; without one, those of the role, or those to the service. */
function needsOf({ resource, role, service }: Refusal, { needs, made }: DeployNeeds): readonly Need[] {
  const passes = needs.filter(need => descriptorOf(need.action).passesRoles)
  const isRole = (need: Need) => {
    const text = knownText(need.role.text)
    const name = role === null ? null : entityName(role)
    const own = made.find(
      one => one.scope === need.role.text.resource?.scope && one.logicalId === need.role.text.resource.logicalId,
    )
    return role !== null && (text === role || text === name || (own?.name !== undefined && own.name === name))
  }
  const inPlace = resource === null ? [] : passes.filter(need => isPlace(need.where, resource))
  if (inPlace.length > 0) {
    const named = inPlace.filter(isRole)
    return named.length > 0 ? named : inPlace
  }
  if (resource !== null && role === null) return []
  if (role !== null) return passes.filter(isRole)
  return passes.filter(
    need => service !== null && need.assumptions?.some(one => one.kind === 'service' && one.names.includes(service)),
  )
}

/** The address of a log has an index, or the modules, that the source's may lack. */
const isPlace = ({ logicalId }: Need['where'], resource: string): boolean =>
  logicalId === resource || logicalId === resource.replace(/\[[^\]]*\]$/, '')

function answersOf({ service }: Refusal, needs: readonly Need[], answers: readonly NeedAnswer[]) {
  const own = answers.filter(({ need }) =>
    needs.some(({ where }) => where.logicalId === need.where.logicalId && where.property === need.where.property),
  )
  const named = own.filter(({ by }) => service !== null && by.name === service)
  return named.length > 0 ? named : own
}

/** Null: the source does not say who assumes the role, so that the text is what is left. */
async function bySource(
  report: Refusal,
  answers: readonly NeedAnswer[],
  question: FaultQuestion,
  options: Options,
): Promise<readonly JudgedFault[] | null> {
  const denied = answers.filter(({ answer }) => answer === 'denied')
  const [unknown] = answers.filter(({ answer }) => answer === 'unknown')
  const [allowed] = answers.filter(({ answer }) => answer === 'allowed')
  // A mere code beside a right trust says nothing about a role.
  const decisive = denied.length > 0 ? denied : [unknown ?? allowed].filter(one => one !== undefined)
  if (decisive.length === 0) return null
  if (denied.length === 0 && report.certainty === 'probable') return []
  const faults: JudgedFault[] = []
  for (const one of decisive) faults.push(await ofAnswer(report, one, question, options))
  return faults
}

async function ofAnswer(
  report: Refusal,
  { need, role, by, answer, diagnosis, refusal, fix, trust, denial }: NeedAnswer,
  question: FaultQuestion,
  options: Options,
): Promise<JudgedFault> {
  const exact = parseRoleArn(role) === null || role.includes('*') ? report.role : role
  const cause = diagnosis?.cause ?? null
  const hasGeneratedName = exact !== null && isGeneratedName(exact, question.stack)
  const kind = faultAnswer({ shownBy: 'source', answer, cause, fix, hasGeneratedName })
  const { logicalId, property, line, constructPath } = need.where
  const service = by.name ?? report.service
  const summary =
    kind === 'retry'
      ? await retrySummary(exact, service, report, question, options)
      : `${diagnosis?.summary ?? ''}${kind === 'owner' && refusal !== null ? ` ${refusal.message}` : ''}`
  const fault: TrustFault = {
    kind: 'role-not-assumable',
    answer: kind,
    certainty: report.certainty,
    ...{ service, role: exact, place: { logicalId, property, line, constructPath }, summary },
    next: stepsFor(kind, { role: exact, service, owner: refusal?.owner ?? null, trust }),
  }
  return { fault, report, cause, denial: kind === 'patch' ? denial : null, trust }
}

/** From the words of the service alone: live trust may clear or blame, and nothing is ever patched. Null: a mere code. */
async function byText(report: Refusal, question: FaultQuestion, options: Options): Promise<JudgedFault | null> {
  const { denial, role, service } = report
  if (denial === null) return null
  const at = { kind: 'role-not-assumable', certainty: report.certainty, service, role, place: null } as const
  const unread = (why: string, named = role): JudgedFault => ({
    fault: {
      ...at,
      answer: 'unknown',
      summary: why,
      next: stepsFor('unknown', { role: named, service, owner: null, trust: null }),
    },
    ...{ report, cause: null, denial: null, trust: null },
  })
  const hidden = role === null ? nameWithoutAccount(denial.resource) : null
  if (hidden !== null)
    return unread(
      `${service ?? 'A service'} cannot assume ${hidden}, and the text does not say in which account that role is.`,
      hidden,
    )
  if (role === null)
    return unread(
      `${service ?? 'A service'} cannot assume its role, and neither the text nor the source names that role.`,
    )
  if (service === null)
    return unread(`A service cannot assume ${entityName(role)}, and neither the text nor the source names the service.`)
  const made = question.source
  const reader =
    made === null
      ? options.reader
      : withMade(options.reader, { partition: question.partition, roles: made.made, profiles: made.profiles })
  const asked = { ...denial, accountId: parseRoleArn(role)?.accountId ?? null, timeMs: options.nowMs }
  const { answer, diagnosis } = await answerToDenial(asked, { ...options, reader })
  const cause = diagnosis?.cause ?? null
  const hasGeneratedName = isGeneratedName(role, question.stack)
  const kind = faultAnswer({ shownBy: 'text', answer, cause, fix: null, hasGeneratedName })
  const summary =
    kind === 'retry'
      ? await retrySummary(role, service, report, question, options)
      : kind === 'code'
        ? `${entityName(role)} does not exist any more: the deploy made it under a name of its own, and the rollback deleted it.`
        : (diagnosis?.summary ?? '')
  const fault = { ...at, answer: kind, summary, next: stepsFor(kind, { role, service, owner: null, trust: null }) }
  return { fault, report, cause, denial: null, trust: null }
}

async function retrySummary(
  role: string | null,
  service: string | null,
  { reason }: ServiceReport,
  { accountId }: FaultQuestion,
  { reader }: Options,
): Promise<string> {
  const who = service ?? 'the service'
  if (role === null) return `The deploy writes a trust policy that lets ${who} in: nothing is to be changed.`
  const allowed = `The trust policy of ${entityName(role)} lets ${who} in: nothing is to be changed.`
  const named = parseRoleArn(role)
  const owner = named?.accountId ?? accountId
  const read = owner === null ? null : await reader.role({ accountId: owner, name: entityName(role) }, 'trust')
  if (read === null || read.kind === 'unreadable') return allowed
  if (read.kind === 'absent')
    return `${allowed} The role itself is gone with the rollback, and the next attempt makes it again.`
  const { createdAtMs } = read.value
  const ageMs = createdAtMs === undefined ? null : reason.atMs - createdAtMs
  if (ageMs === null || ageMs > NEW_ROLE_MS) return allowed
  const age = ageMs < 0 ? 'It was made after the failure' : `It was ${Math.round(ageMs / 1_000)} seconds old then`
  return `${allowed} ${age}, and IAM takes a while to show a new role everywhere.`
}

type About = {
  readonly role: string | null
  readonly service: string | null
  readonly owner: string | null
  readonly trust: NeedAnswer['trust']
}

function stepsFor(answer: TrustFault['answer'], { role, service, owner, trust }: About): readonly FaultStep[] {
  const name = role === null ? 'the role' : entityName(role)
  const show = `aws iam get-role --role-name ${typeable(role) ?? 'ROLE_NAME'} --query Role.AssumeRolePolicyDocument`
  switch (answer) {
    case 'patch':
      return [step(`Have ${service ?? 'the service'} added to the trust policy of ${name}, then deploy again.`)]
    case 'retry':
      return [step('Deploy again.')]
    case 'code': {
      const line = trust?.line == null ? '' : `, line ${trust.line}`
      const at = trust === null ? '' : ` (${trust.file}${line}, ${trust.logicalId})`
      return [
        step(
          `Correct the trust policy in the code${at}: it has to let ${service ?? 'the service'} in. Then deploy again.`,
        ),
      ]
    }
    case 'missing':
      return [step(`Create ${name}, or name the right role in the code.`, null, 'who writes the code')]
    case 'owner':
      return [step('Ask who decides this.', null, owner ?? `the owner of ${name}`)]
    case 'unknown':
      return [step(`See who ${name} trusts, and give the template or the plan of the deploy.`, show)]
  }
}

const step = (what: string, command: string | null = null, who: string | null = null): FaultStep => ({
  do: what,
  command,
  who,
})

/** Of a role whose account the text hides. */
const nameWithoutAccount = (resource: string | null): string | null =>
  /^arn:aws[a-z-]{0,12}:iam::[^:]{0,80}:role\/(?:[^ ]{1,500}\/)?([\w+=,.@-]{1,64})$/.exec(resource ?? '')?.[1] ?? null

/** Names whose characters have no meaning in a shell. */
function typeable(role: string | null): string | null {
  const name = role === null ? '' : entityName(role)
  return /^[\w+=,.@][\w+=,.@-]{0,63}$/.test(name) ? name : null
}

type LinkedReport = Extract<ServiceReport, { readonly kind: 'linked-role' }>

/** AWS makes the role for a caller with iam:CreateServiceLinkedRole. Nobody edits it. */
async function judgeLinkedRole(report: LinkedReport, question: FaultQuestion, options: Options): Promise<JudgedFault> {
  const { service } = report
  const { accountId, partition } = question
  const name = service === null ? null : linkedRoleName(service)
  const arn =
    name === null || accountId === null ? null : roleArn(partition, accountId, name, `/aws-service-role/${service}/`)
  const read =
    arn === null || accountId === null || name === null ? null : await options.reader.role({ accountId, name }, 'trust')
  const command = `aws iam create-service-linked-role --aws-service-name ${service ?? 'SERVICE.amazonaws.com'}`
  const create = step(
    'Create it, which each account needs once, then deploy again.',
    command,
    'an administrator of the account',
  )
  const of = service === null ? 'a service that the text does not name' : service
  const found = (answer: TrustFault['answer'], summary: string, next: readonly FaultStep[]): JudgedFault => ({
    fault: {
      ...{ kind: 'service-linked-role', answer, certainty: 'certain', service, role: arn, place: null, summary, next },
    },
    ...{ report, cause: answer === 'missing' ? 'role-not-found' : null, denial: null, trust: null },
  })
  switch (read?.kind) {
    case 'found':
      return found('retry', `The service-linked role of ${of} exists by now: nothing is to be changed.`, [
        step('Deploy again.'),
      ])
    case 'absent': {
      const right = arn === null ? null : await missingRight(arn, question, options)
      const lacks = right === null ? '' : ` ${right}`
      return found('missing', `The service-linked role of ${of} does not exist in account ${accountId}.${lacks}`, [
        create,
      ])
    }
    default: {
      const check = name === null ? null : `aws iam get-role --role-name ${name}`
      return found('unknown', `The service-linked role of ${of} may be missing; it is not known whether it exists.`, [
        step('See whether it exists.', check),
        create,
      ])
    }
  }
}

/** Whether who deploys may create it, as the service does on behalf of the caller. Null: not known who, or that is known. */
async function missingRight(
  arn: string,
  { principal, region }: FaultQuestion,
  options: Options,
): Promise<string | null> {
  if (principal === null) return null
  const need = {
    action: 'iam:CreateServiceLinkedRole',
    operation: 'iam:CreateServiceLinkedRole',
    service: null,
    via: null,
  } as const
  const asked = denialOfNeed(need, arn, principalNamed(principal), { region, nowMs: options.nowMs })
  const { answer } = await answerToDenial(asked, options)
  const who = entityName(principal)
  if (answer === 'allowed')
    return `${who} may create it (iam:CreateServiceLinkedRole), so that another attempt may be enough.`
  return answer === 'denied'
    ? `${who} lacks iam:CreateServiceLinkedRole for it.`
    : `It is not known whether ${who} has iam:CreateServiceLinkedRole for it.`
}
