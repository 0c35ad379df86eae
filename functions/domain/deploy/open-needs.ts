/** What a failed deploy needs beyond its denials: the roles of its template, and which of them are known to be allowed now. */

import { canonicalJson, digestOf } from '../../../core/base/index.ts'
import { type Denial, isSameNeed, needKeyOf, requestKeyOf } from '../../../core/denial/index.ts'
import { denialOfAssumption, denialOfNeed, type TemplateNeed, type TemplatePlace } from '../../../iac/needs/index.ts'
import { type DeployNeed, outcomeOf, type Proposal } from '../proposal/index.ts'
import { type CauseWithProposal, causeStateOf, denialOfCause, stateOfCause } from './causes.ts'
import type { DeployState, DeployTemplate } from './deploy.ts'
import { isPrincipalRole } from './deploy-denials.ts'
import { toolOf } from './tools/tools.ts'

type ReadTemplate = Extract<DeployTemplate, { kind: 'read' }>

export type AskedNeed = { readonly need: TemplateNeed; readonly question: DeployNeed }

/**
 * INVARIANT (actor): a need is assigned to the denied principal only if that principal itself deploys it: the stack has a role,
 * or the failed resource reports a denial of this principal. A failure at the same time is not enough.
 */
export function needsAsked({ needs, reported }: ReadTemplate, denial: Denial, nowMs: number): readonly AskedNeed[] {
  if (denial.principal.kind === 'service') return assumptionsAsked(needs, denial, nowMs)
  const request = requestKeyOf(denial)
  const failed = reported.filter(one => one.request === request).map(({ resource }) => resource)
  const isCaller = needs.some(
    ({ by, role, place }) => by === null && role === denial.resource && failed.includes(place.logicalId),
  )
  return needs
    .filter(({ by }) => (by === null ? isCaller : isPrincipalRole(by, denial.principal)))
    .flatMap(need => [
      { need, question: questionOf(need, denial, nowMs) },
      ...assumptionsOf(need, denial, nowMs).map(question => ({ need, question })),
    ])
}

/** What services need, where this service and role are among them. Who may pass the roles is asked of the principal that is denied. */
function assumptionsAsked(needs: ReadTemplate['needs'], denial: Denial, nowMs: number): readonly AskedNeed[] {
  const asked = needs.flatMap(need => assumptionsOf(need, denial, nowMs).map(question => ({ need, question })))
  return asked.some(({ question }) => isSameNeed(question.denial, denial)) ? asked : []
}

/** What the services need that will assume the role: without it the deploy fails after the pass. */
function assumptionsOf(need: TemplateNeed, { timeMs }: Denial, nowMs: number): readonly DeployNeed[] {
  const { assumers = [], role, isMade, operation, place } = need
  return assumers.map(assumer => ({
    denial: denialOfAssumption(assumer, role, timeMs ?? nowMs),
    ...{ isMade, operation, place },
    summary: `${place.logicalId}.${place.property} (${operation})`,
  }))
}

function questionOf(need: TemplateNeed, denial: Denial, nowMs: number): DeployNeed {
  const { principal, region, timeMs } = denial
  const question = denialOfNeed(need, need.role, principal, { region, nowMs: timeMs ?? nowMs })
  const { isMade, operation, place } = need
  const summary = `${place.logicalId}.${place.property} (${operation})`
  return { denial: question, isMade, operation, place, summary }
}

/** Changes with the template of a deploy. */
export const templateId = ({ key, template }: Pick<DeployState, 'key' | 'template'>): string =>
  digestOf({ key, template: canonicalJson(template ?? null) }).slice('sha256:'.length, 'sha256:'.length + 16)

export type OpenNeeds = {
  /** The number of roles that the deploy will be denied, by an analysis. */
  readonly denied: number
  /** Their ARNs. A role that it needs in two ways is one. */
  readonly roles: readonly string[]
  /** The number of roles without an analysis, or with names that only the deploy knows. */
  readonly unknown: number
  /** Why the template was not read. Null: it was read, or the deploy has none. */
  readonly unread: string | null
}

/** What the next attempt may be denied, by the deploy's own template. */
export function openNeeds(state: DeployState, causes: readonly CauseWithProposal[]): OpenNeeds {
  const { deploy, template } = state
  if (template === undefined) {
    const unread = toolOf(deploy).stackOf(deploy) === null ? null : 'nobody has read it yet'
    return { denied: 0, roles: [], unknown: 0, unread }
  }
  if (template.kind === 'unread') return { denied: 0, roles: [], unknown: 0, unread: template.why }
  const judged = causes.map(cause => judgedBy(template, cause))
  const answers = template.needs.map(need => {
    const of = judged.flatMap(answer => answer.get(need) ?? [])
    return of.includes('allowed') ? 'allowed' : of.includes('denied') ? 'denied' : 'unknown'
  })
  const needsOf = (wanted: Answer) => template.needs.filter((_, index) => answers[index] === wanted)
  const count = (wanted: Answer): number => new Set(needsOf(wanted).map(needName)).size
  const roles = [...new Set(needsOf('denied').map(({ role }) => role))]
  return { denied: count('denied'), roles, unknown: count('unknown') + template.unnamed, unread: null }
}

/** Identifies a need. A role in two places of a template is one need. */
const needName = ({ action, role, service, by }: TemplateNeed): string => canonicalJson([action, role, service, by])

type Answer = 'allowed' | 'denied' | 'unknown'

/** The answer of a proposal to each need of its own principal. A role that can be passed and not assumed is denied. */
function judgedBy(template: ReadTemplate, cause: CauseWithProposal): ReadonlyMap<TemplateNeed, Answer> {
  const answers = new Map<TemplateNeed, Answer>()
  const { proposal } = cause
  const denial = denialOfCause(cause)
  if (proposal === null || denial === null) return answers
  for (const { need, question } of needsAsked(template, denial, 0)) {
    const answer = answerOf(question.denial, need, proposal)
    // The pass comes first. A trust that nobody has judged says nothing about it.
    if (!answers.has(need) || answer === 'denied') answers.set(need, answer)
  }
  return answers
}

function answerOf(asked: Denial, need: TemplateNeed, proposal: Proposal): Answer {
  const { denial, template: findings } = proposal
  const isSettled = causeStateOf(proposal) === 'fixed'
  const key = needKeyOf(asked)
  const isHeld = findings?.needs.some(one => needKeyOf(one.denial) === key) === true
  // The denial is a cause, and its own line says how certain its fix is.
  if (isSameNeed(asked, denial)) return isSettled ? 'allowed' : 'denied'
  if (isHeld) return !isSettled ? 'denied' : isAllowedNow(proposal) ? 'allowed' : 'unknown'
  if (findings?.allowed?.includes(key) === true) return 'allowed'
  const isRefused = findings?.refused.some(({ role }) => role === need.role) === true
  return isRefused || findings?.apart?.includes(key) === true ? 'denied' : 'unknown'
}

/** What the deploy's own template says about a denial. */
export type OwnPlace = {
  /** Null: the template was not read, or does not pass the role. */
  readonly place: TemplatePlace | null
  /** How many other roles of the template the card of the denial holds. */
  readonly held: number
}

export function ownPlace({ template }: Pick<DeployState, 'template'>, cause: CauseWithProposal): OwnPlace {
  const denial = denialOfCause(cause)
  if (template?.kind !== 'read' || denial === null) return { place: null, held: 0 }
  const asked = needsAsked(template, denial, 0)
  const own = asked.find(({ question }) => isSameNeed(question.denial, denial))
  const onCard = new Set((cause.proposal?.template?.needs ?? []).map(need => needKeyOf(need.denial)))
  const others = asked.filter(one => !isSameNeed(one.question.denial, denial))
  const held = new Set(others.map(one => needKeyOf(one.question.denial)).filter(key => onCard.has(key)))
  return { place: own?.need.place ?? null, held: held.size }
}

/** True when an evaluation shows that the cause is lifted. */
export const isSurelyLifted = (cause: CauseWithProposal): boolean =>
  stateOfCause(cause) === 'fixed' && cause.proposal !== null && isAllowedNow(cause.proposal)

/** True when an evaluation shows that the request is allowed. False for a change whose effect only an attempt shows. */
function isAllowedNow(proposal: Proposal): boolean {
  if (causeStateOf(proposal) !== 'fixed') return false
  const applied = outcomeOf(proposal)
  return applied === null || applied.answer === 'allowed'
}
