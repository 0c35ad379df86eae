/** What the templates of failed deploys add to a denial: its place in the template, and what else the deploys will be denied. */
import { type Denial, isSameNeed, needKeyOf } from '../../../core/denial/index.ts'
import { type DeployState, type DeployTemplate, needsAsked, templateId } from '../../domain/deploy/index.ts'
import type { Change, TemplateFindings } from '../../domain/proposal/index.ts'
import type { AnalyzeAgain, Beside, BundleAnalysis, BundledNeed } from './analyze-bundle.ts'

type Question = Pick<Beside, 'earlierGrants' | 'chain'> & { readonly denial: Denial; readonly nowMs: number }

type ReadTemplate = Extract<DeployTemplate, { kind: 'read' }>

export type WithTemplate = { readonly analysis: BundleAnalysis; readonly template: TemplateFindings | null }

/** More than a person reads on one card. The rest counts as not assessed. */
const MAX_ALLOWED = 500

/** Analyzes every deploy that the denial broke, each with its own template. */
export async function analyzeWithTemplate(
  { denial, nowMs, ...beside }: Question,
  broken: readonly DeployState[],
  analyzeAgain: AnalyzeAgain,
): Promise<WithTemplate> {
  const analyze = (needs: readonly BundledNeed[]) => analyzeAgain(denial, nowMs, { needs, ...beside })
  const templates = broken.flatMap(({ template }) => template ?? [])
  const of = templatesOf(broken)
  const read = templates.filter((template): template is ReadTemplate => template.kind === 'read')
  const [unread = null] = templates.flatMap(template => (template.kind === 'unread' ? [template.why] : []))
  if (templates.length === 0) return { analysis: await analyze([]), template: null }
  if (read.length === 0) return { analysis: await analyze([]), template: { ...NOTHING, unread, of } }
  const asked = read.flatMap(template => needsAsked(template, denial, nowMs))
  const own = asked.find(({ question }) => isSameNeed(question.denial, denial))
  const others = new Map(
    asked
      .filter(({ question }) => !isSameNeed(question.denial, denial))
      .map(({ question }) => [needKeyOf(question.denial), question] as const),
  )
  const place = own?.need.place ?? null
  const isMade = own?.need.isMade ?? false
  const made = isMade ? [{ denial, isMade }] : []
  const alone = await analyze(made)
  const analysis = others.size === 0 ? alone : await analyze([...made, ...others.values()])
  const lifted = new Set(analysis.bundle?.lifted)
  const allowedIds = new Set(analysis.bundle?.allowed)
  const needs = [...others.values()].filter(need => lifted.has(need.denial.id))
  const refused = [...others.values()].flatMap(need => {
    const code = analysis.bundle?.refused.get(need.denial.id)
    return code === undefined ? [] : [{ role: need.denial.resource ?? '', code }]
  })
  const allowed = [...others].flatMap(([key, { denial: need }]) => (allowedIds.has(need.id) ? [key] : []))
  const unnamed = read.reduce((sum, template) => sum + template.unnamed, 0)
  const found = { ...NOTHING, place, isMade, unnamed, refused, allowed: allowed.slice(0, MAX_ALLOWED), of }
  const single = changeOf(alone)
  if (needs.length === 0 || single === null) return { analysis: alone, template: found }
  return { analysis, template: { ...found, needs, alone: single } }
}

export const NOTHING: TemplateFindings = {
  place: null,
  isMade: false,
  needs: [],
  alone: null,
  unnamed: 0,
  refused: [],
  unread: null,
}

/** Ids of the templates that were looked up, whether or not they were found. */
export const templatesOf = (broken: readonly DeployState[]): readonly string[] =>
  broken.filter(({ template }) => template !== undefined).map(templateId)

function changeOf({ patch, verification, verified, refusal, followUps }: BundleAnalysis): Change | null {
  return patch === null || verification === null || verified === null || refusal !== null
    ? null
    : { patch, verification, followUps }
}
