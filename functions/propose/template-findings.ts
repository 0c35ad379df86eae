/** What the template of a failed deploy adds to a denial: where it stands, and what else the deploy will be denied. */
import type { Denial } from '../domain/denial/denial.ts'
import { requestKeyOf } from '../domain/denial/fingerprint.ts'
import type { DeployState, DeployTemplate, TemplateNeed } from '../domain/deploy/deploy.ts'
import { isRole } from '../domain/deploy/deploy-denials.ts'
import { denialOfNeed } from '../domain/deploy/needs/need-denial.ts'
import type { Change, DeployNeed, TemplateFindings } from '../domain/proposal/proposal.ts'
import type { AnalyzeAgain, Beside, BundleAnalysis, BundledNeed } from '../workflows/deploy/analyze-bundle.ts'

type Question = { readonly denial: Denial; readonly earlierGrants: Beside['earlierGrants']; readonly nowMs: number }

type ReadTemplate = Extract<DeployTemplate, { kind: 'read' }>

export type WithTemplate = { readonly analysis: BundleAnalysis; readonly template: TemplateFindings | null }

/** The newest deploy whose template somebody looked for. */
const templateOf = (broken: readonly DeployState[]): DeployState['template'] =>
  broken.find(({ template }) => template?.kind === 'read')?.template ??
  broken.find(({ template }) => template !== undefined)?.template

export async function analyzeWithTemplate(
  { denial, earlierGrants, nowMs }: Question,
  broken: readonly DeployState[],
  analyzeAgain: AnalyzeAgain,
): Promise<WithTemplate> {
  const analyze = (needs: readonly BundledNeed[]) => analyzeAgain(denial, nowMs, { needs, earlierGrants })
  const template = templateOf(broken)
  if (template === undefined) return { analysis: await analyze([]), template: null }
  if (template.kind === 'unread') return { analysis: await analyze([]), template: { ...NOTHING, unread: template.why } }
  const asked = needsOfActor(template, denial).map(need => ({ need, question: questionOf(need, denial, nowMs) }))
  const own = asked.find(({ question }) => isSameRequest(question.denial, denial))
  const others = new Map(
    asked
      .filter(({ question }) => !isSameRequest(question.denial, denial))
      .map(({ question }) => [requestOf(question.denial), question] as const),
  )
  const place = own?.need.place ?? null
  const isMade = own?.need.isMade ?? false
  const made = isMade ? [{ denial, isMade }] : []
  const alone = await analyze(made)
  const analysis = others.size === 0 ? alone : await analyze([...made, ...others.values()])
  const lifted = new Set(analysis.bundle?.lifted)
  const needs = [...others.values()].filter(need => lifted.has(need.denial.id))
  const refused = [...others.values()].flatMap(need => {
    const code = analysis.bundle?.refused.get(need.denial.id)
    return code === undefined ? [] : [{ role: need.denial.resource ?? '', code }]
  })
  const found = { ...NOTHING, place, isMade, unnamed: template.unnamed, refused }
  const single = changeOf(alone)
  if (needs.length === 0 || single === null) return { analysis: alone, template: found }
  return { analysis, template: { ...found, needs, alone: single } }
}

/**
 * INVARIANT (actor): only what the denied principal itself deploys is asked for it. A stack has a role, or the failed resource
 * reports the denial of this principal; that a deploy failed at the same time is not enough.
 */
function needsOfActor({ needs, reported }: ReadTemplate, denial: Denial): readonly TemplateNeed[] {
  const request = requestKeyOf(denial)
  const failed = reported.filter(one => one.request === request).map(({ resource }) => resource)
  const isCaller = needs.some(
    ({ by, role, place }) => by === null && role === denial.resource && failed.includes(place.logicalId),
  )
  return needs.filter(({ by }) => (by === null ? isCaller : isRole(by, denial.principal)))
}

const NOTHING = { place: null, isMade: false, needs: [], alone: null, unnamed: 0, refused: [], unread: null }

function questionOf(need: TemplateNeed, denial: Denial, nowMs: number): DeployNeed {
  const { principal, region, timeMs } = denial
  const question = denialOfNeed(need, need.role, principal, { region, nowMs: timeMs ?? nowMs })
  const { isMade, operation, place } = need
  return { denial: question, isMade, operation, place, summary: summaryOf(need) }
}

const summaryOf = ({ operation, place }: TemplateNeed): string => `${place.logicalId}.${place.property} (${operation})`

const isSameRequest = (one: Denial, other: Denial): boolean => requestKeyOf(one) === requestKeyOf(other)

/** One role can occur in several places: one of them is enough for each service that receives it. */
const requestOf = (denial: Denial): string =>
  `${requestKeyOf(denial)} ${denial.passes[0]?.service.values[0]?.service ?? ''}`

function changeOf({ patch, verification, verified, refusal, followUps }: BundleAnalysis): Change | null {
  return patch === null || verification === null || verified === null || refusal !== null
    ? null
    : { patch, verification, followUps }
}
