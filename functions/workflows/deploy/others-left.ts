/** A denial that solved itself leaves the card of its deploy: what the deploy lacks beside it stays. */

import type { Refusal } from '../../../core/base/index.ts'
import { codePlaceOf } from '../../../iac/repository/index.ts'
import type { Config } from '../../domain/config/index.ts'
import type { NewContent, Proposal } from '../../domain/proposal/index.ts'
import type { BundleAnalysis } from './analyze-bundle.ts'

/** `found`: analyzed with `isSolved`. Null: nothing is left. */
export function othersLeft(
  { denial, template }: Pick<Proposal, 'denial' | 'template'>,
  found: BundleAnalysis,
  why: Refusal,
  config: Config,
): (NewContent & { readonly because: 'solved' }) | null {
  const { verified, verification, followUps, bundle, snapshot, requester } = found
  if (template === undefined || verified === null || verification === null) return null
  const lifted = bundle?.lifted ?? []
  const needs = template.needs.filter(need => lifted.includes(need.denial.id))
  const { patch } = verified
  return {
    ...{ denial, requester, because: 'solved', isSolved: true },
    diagnosis: { ...found.diagnosis, summary: why.message },
    content: { patch, verification, followUps },
    template: { ...template, needs, alone: null, isMade: false },
    code: codePlaceOf(patch, snapshot, config),
  }
}
