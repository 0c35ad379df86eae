import { entryFor, type Step } from '../domain/audit/audit-entry.ts'
import { digestOf } from '../domain/base/canonical-json.ts'
import { fail, ok, type Refusal, type Result } from '../domain/base/result.ts'
import { contentChangeInWords } from '../domain/card/card.ts'
import type { Config } from '../domain/config/config.ts'
import type { DeployState } from '../domain/deploy/deploy.ts'
import { templateId } from '../domain/deploy/open-needs.ts'
import { capitalize } from '../domain/diagnosis/wording/short-names.ts'
import type { Closed, ContentChange, Open, Proposal, Stale, TemplateFindings } from '../domain/proposal/proposal.ts'
import { ALLOWED_MEANWHILE, contentReplaced, type NewContent, stale } from '../domain/proposal/transitions.ts'
import { codePlaceOf } from '../domain/repository/code-place.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Observer } from '../ports/observer.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { contentName, decisionSteps } from '../workflows/approval/carry-out-decision.ts'
import { type RefreshCardDeps, refreshCard } from '../workflows/card/refresh-card.ts'
import { grantsBefore } from '../workflows/denial/earlier-grants.ts'
import { type AnalyzeAgain, type BundleAnalysis, bundledNeeds } from '../workflows/deploy/analyze-bundle.ts'
import { updateProposal } from '../workflows/optimistic-update.ts'
import { contentOf } from './proposal-factory.ts'
import { analyzeWithTemplate, NOTHING, templatesOf } from './template-findings.ts'

export type SupersededDeps = RefreshCardDeps & {
  readonly store: Pick<ProposalStore, 'get' | 'replace'>
  readonly audit: Pick<AuditLog, 'append'>
  readonly observer: Observer
  readonly analyze: AnalyzeAgain
  readonly config: Config
  readonly botVersion: string
}

/**
 * Analyzes an open proposal again after rolemedic changed something that it depends on, or after a deploy with a template
 * failed. With the same patch, card and approvals stay. With another, the card shows that one instead. `ended`: nothing is left to
 * approve, and the denial is analyzed as a new one. An inconclusive analysis is left to `apply`.
 */
export async function reverify(
  current: Proposal,
  broken: readonly DeployState[],
  deps: SupersededDeps,
): Promise<'as-it-was' | 'changed' | 'ended'> {
  if (current.status !== 'open') return 'as-it-was'
  const { renewal } = current
  const found =
    renewal === null ? await moreInTemplate(current, broken, deps) : await changedSince(current, broken, deps)
  if (found === null && renewal === null) return 'as-it-was'
  if (found === 'allowed') return (await endAllowed(current, deps)) ? 'ended' : 'as-it-was'
  if (found !== null && 'learned' in found) return learn(current, found.learned, deps)
  if (found !== null) return (await replaceContent(current, found, deps)) ? 'changed' : 'as-it-was'
  await updateProposal(
    current,
    now => (isSame(now, current) ? ok<Open>({ ...now, renewal: null }) : fail('moved')),
    deps.store,
  )
  return 'as-it-was'
}

/** The change stays, and so do its approvals: the card says what else the templates name. */
async function learn(current: Open, template: TemplateFindings, deps: SupersededDeps): Promise<'as-it-was'> {
  const stored = await updateProposal(
    current,
    now =>
      isSame(now, current) && now.patch.digest === current.patch.digest
        ? ok<Open>({ ...now, template })
        : fail('moved'),
    deps.store,
  )
  if (!stored.ok) return 'as-it-was'
  try {
    await refreshCard(current.id, deps)
  } catch (error) {
    deps.observer.log('warn', 'card_not_updated', { proposalId: current.id, error: String(error) })
  }
  return 'as-it-was'
}

/** Not decided meanwhile, and nothing else has changed: the analysis is of what holds now. */
const isSame = (now: Proposal, seen: Open): now is Open =>
  now.status === 'open' && now.renewal?.atMs === seen.renewal?.atMs && now.changed?.times === seen.changed?.times

export type Replacement = NewContent & { readonly because: ContentChange['because'] }

/**
 * In this order, so that a crash at any point loses nothing: what was approved and what is proposed now is recorded, then the item is
 * written, then the card shows it. Until then its buttons carry the old digest, which `decide` refuses.
 */
export async function replaceContent(current: Open, next: Replacement, deps: SupersededDeps): Promise<boolean> {
  const { audit, store, config, clock, botVersion, observer } = deps
  const stored = await updateProposal(
    current,
    async (now): Promise<Result<Open | Closed, 'moved'>> => {
      if (!isSame(now, current)) return fail('moved')
      for (const step of decisionSteps(now)) await audit.append(entryFor(now, step, botVersion))
      const replaced = contentReplaced(now, next, next.because, config, clock())
      await audit.append(entryFor(replaced, proposedAgain(replaced), botVersion))
      return ok(replaced)
    },
    store,
  )
  if (!stored.ok) return false
  const { proposal } = stored.value
  observer.log('info', 'card_content_replaced', { proposalId: proposal.id, because: next.because })
  try {
    await refreshCard(proposal.id, deps)
  } catch (error) {
    observer.log('warn', 'replaced_card_not_updated', { proposalId: proposal.id, error: String(error) })
  }
  return true
}

/** The same content under the same key, also where an attempt before this one was not stored. */
function proposedAgain({
  changed,
  diagnosis,
  denial,
  refusal,
  patch,
  updatedAtMs,
}: (Open | Closed) & { refusal?: Refusal }): Step {
  const words = changed === undefined ? '' : `${contentChangeInWords(changed)} `
  const of = `${contentName(changed?.times ?? 0)}-${digestOf({ digest: patch?.digest ?? null, words, denial: denial.id, summary: diagnosis.summary }).slice(7, 19)}`
  return patch === null
    ? { kind: 'refused', of, atMs: updatedAtMs, why: `${words}${refusal?.message ?? diagnosis.summary}` }
    : { kind: 'proposed', of, atMs: updatedAtMs, why: `${words}${diagnosis.summary}` }
}

async function endAllowed(current: Open, deps: SupersededDeps): Promise<boolean> {
  const why = {
    code: ALLOWED_MEANWHILE,
    message: `${capitalize(ALLOWED_BECAUSE)} the request is allowed now.`,
    owner: null,
  }
  const stored = await updateProposal(
    current,
    now => (isSame(now, current) ? ok<Stale>(stale(now, why, deps.clock())) : fail('moved')),
    deps.store,
  )
  if (!stored.ok) return false
  await announceStale(stored.value.proposal, deps)
  return true
}

const ALLOWED_BECAUSE = 'another change of rolemedic was written or reverted, and'

/** The needs on the card are analyzed again too: rolemedic's change may have met some of them. Null: the same, or inconclusive. */
async function changedSince(
  open: Open,
  broken: readonly DeployState[],
  { analyze, store, clock, config }: SupersededDeps,
): Promise<Replacement | 'allowed' | null> {
  const earlierGrants = await grantsBefore(open, store)
  const found = await analyze(open.denial, clock(), { needs: bundledNeeds(open), earlierGrants })
  if (found.verified !== null && found.refusal === null) {
    if (found.verified.patch.digest === open.patch.digest) return null
  } else {
    if (found.diagnosis.cause === 'already-allowed') return 'allowed'
    if (found.diagnosis.verdict !== 'proved') return null
  }
  const question = { denial: open.denial, earlierGrants, nowMs: clock() }
  const { analysis, template } = await analyzeWithTemplate(question, broken, analyze)
  const changed = open.renewal === null ? null : await store.get(open.renewal.after)
  const because = changed?.status === 'reverted' ? 'revert' : 'approval'
  return replacementBy(analysis, template, because, config)
}

/**
 * A deploy failed after the card was made, or another one by the same denial: its own template is asked. A card with approvals
 * stays as it is, and the alert of that deploy says what the card does not hold.
 */
async function moreInTemplate(
  open: Open,
  broken: readonly DeployState[],
  { analyze, store, clock, config }: SupersededDeps,
): Promise<Replacement | { readonly learned: TemplateFindings } | null> {
  const asked = open.template?.of ?? []
  const isNew = broken.some(state => state.template?.kind === 'read' && !asked.includes(templateId(state)))
  if (open.approvals.length > 0 || !isNew) return null
  const question = { denial: open.denial, earlierGrants: await grantsBefore(open, store), nowMs: clock() }
  const { analysis, template } = await analyzeWithTemplate(question, broken, analyze)
  if (analysis.verified === null) return { learned: { ...NOTHING, ...open.template, of: templatesOf(broken) } }
  if (analysis.verified.patch.digest === open.patch.digest) return { learned: template ?? NOTHING }
  return replacementBy(analysis, template, 'deploy', config)
}

export const replacementBy = (
  analysis: BundleAnalysis,
  template: TemplateFindings | null,
  because: ContentChange['because'],
  config: Config,
): Replacement => {
  const { denial, diagnosis, requester, snapshot } = analysis
  const content = contentOf(analysis)
  const code = content.patch === null ? null : codePlaceOf(content.patch, snapshot, config)
  return { denial, diagnosis, requester, content, template, code, because }
}

/** Recorded and shown at once; `sweep` repeats both after a crash. */
export async function announceStale(ended: Stale, deps: SupersededDeps): Promise<void> {
  for (const step of decisionSteps(ended)) await deps.audit.append(entryFor(ended, step, deps.botVersion))
  deps.observer.count('Stale')
  try {
    await refreshCard(ended.id, deps)
  } catch (error) {
    deps.observer.log('warn', 'stale_card_not_updated', { proposalId: ended.id, error: String(error) })
  }
}
