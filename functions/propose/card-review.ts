/**
 * What happens to an open card before a denial is counted on it. rolemedic's own changes, failed deploys and CloudTrail's
 * record may change its content.
 */

import { never } from '../../core/base/index.ts'
import { type Denial, fingerprintOf } from '../../core/denial/index.ts'
import { isHearsay } from '../../core/diagnosis/index.ts'
import { codePlaceOf } from '../../iac/repository/index.ts'
import { callerInLog } from '../domain/audit/index.ts'
import type { Config } from '../domain/config/index.ts'
import { type DeployState, templateId } from '../domain/deploy/index.ts'
import type {
  ContentChange,
  NewContent,
  Occurrence,
  Open,
  Proposal,
  TemplateFindings,
} from '../domain/proposal/index.ts'
import type { BundleAnalysis } from '../workflows/deploy/analyze-bundle.ts'
import type { WithTemplate } from '../workflows/deploy/template-findings.ts'
import { contentOf } from './proposal-factory.ts'

export type Replacement = NewContent & { readonly because: ContentChange['because'] }

/** The result of a new analysis for an open card. `same` includes inconclusive results: the check before the write decides then. */
export type CardFinding =
  | { readonly kind: 'same' | 'allowed' }
  | { readonly kind: 'learned'; readonly template: TemplateFindings }
  | { readonly kind: 'replaced'; readonly by: Replacement }

/** `changed`: the card shows another change. `ended`: nothing is left to approve, and the denial is analyzed as a new one. */
export type Reviewed = 'as-it-was' | 'changed' | 'ended'

/** What is known about the open card. An absent member is not known yet. */
export type CardReview = {
  /** Deploys of the last day that the denials on the card broke. */
  readonly cardDeploys?: readonly DeployState[]
  readonly finding?: CardFinding
  readonly reviewed?: Reviewed
  /** The analysis of CloudTrail's own record. Null: there is no record yet. */
  readonly record?: WithTemplate | null
  readonly recordShown?: true
}

type OfCard = { readonly card: Open }

export type ReviewStep =
  | (OfCard & { readonly kind: 'read-card-deploys' })
  | (OfCard & { readonly kind: 'review-card'; readonly broken: readonly DeployState[] })
  | (OfCard & { readonly kind: 'keep-card' })
  | (OfCard & { readonly kind: 'add-template'; readonly template: TemplateFindings })
  | (OfCard & { readonly kind: 'end-card' })
  | (OfCard & { readonly kind: 'replace-content'; readonly by: Replacement })
  | (OfCard & {
      readonly kind: 'find-record'
      readonly occurrence: Occurrence
      readonly broken: readonly DeployState[]
    })
  | (OfCard & { readonly kind: 'replace-by-record'; readonly by: Replacement })
  | (OfCard & { readonly kind: 'confirm-by-record'; readonly analysis: BundleAnalysis })

/**
 * Analyzes an open proposal again after rolemedic changed something that it depends on, or after a deploy with a template
 * failed. If the patch is equal, card and approvals stay. Otherwise the card shows the new patch.
 */
export function reviewStep(
  card: Proposal,
  broken: readonly DeployState[],
  { cardDeploys, finding, reviewed }: CardReview,
): ReviewStep | Reviewed {
  if (card.status !== 'open') return 'as-it-was'
  if (reviewed !== undefined) return reviewed
  if (cardDeploys === undefined) return { kind: 'read-card-deploys', card }
  const all = withOthers(broken, cardDeploys)
  if (finding === undefined)
    return card.renewal === null && !namesMore(card, all) ? 'as-it-was' : { kind: 'review-card', card, broken: all }
  switch (finding.kind) {
    case 'same':
      return card.renewal === null ? 'as-it-was' : { kind: 'keep-card', card }
    case 'allowed':
      return { kind: 'end-card', card }
    case 'learned':
      return { kind: 'add-template', card, template: finding.template }
    case 'replaced':
      return { kind: 'replace-content', card, by: finding.by }
    default:
      return never(finding)
  }
}

/** True when a deploy with its own template failed after the card was made, or the same denial broke another deploy. */
function namesMore({ template }: Open, broken: readonly DeployState[]): boolean {
  const asked = template?.of ?? []
  return broken.some(state => state.template?.kind === 'read' && !asked.includes(templateId(state)))
}

/**
 * If the record needs the same change, the card says that the denial is confirmed. If it needs another, the card shows that
 * one. Null: nothing to do.
 */
export function recordStep(
  card: Proposal,
  { occurrence, broken, config }: { occurrence: Occurrence; broken: readonly DeployState[]; config: Config },
  { cardDeploys = [], record, recordShown }: CardReview,
): ReviewStep | null {
  if (card.status !== 'open' || !isHearsay(card.denial) || record === null || recordShown) return null
  if (record === undefined) return { kind: 'find-record', card, occurrence, broken: withOthers(broken, cardDeploys) }
  const { analysis, template } = record
  if (analysis.verified?.patch.digest === card.patch.digest && keepsApprovals(card, analysis.denial))
    return { kind: 'confirm-by-record', card, analysis }
  return { kind: 'replace-by-record', card, by: replacementBy(analysis, template, 'record', config) }
}

/** Every deploy with denials on the card, each with its own template. */
const withOthers = (broken: readonly DeployState[], others: readonly DeployState[]): readonly DeployState[] => [
  ...broken,
  ...others.filter(({ key }) => !broken.some(state => state.key === key)),
]

/** True when the proposal was not decided or changed meanwhile, so that the analysis still applies. */
export const isSameCard = (now: Proposal, seen: Open): now is Open =>
  now.status === 'open' && now.renewal?.atMs === seen.renewal?.atMs && now.changed?.times === seen.changed?.times

/** Approvals are signed for the recorded denial, and the log has them with its caller. They are kept only if that stays the same. */
export const keepsApprovals = ({ approvals, denial }: Open, recorded: Denial): boolean =>
  approvals.length === 0 ||
  (fingerprintOf(denial) === fingerprintOf(recorded) && callerInLog(denial) === callerInLog(recorded))

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
