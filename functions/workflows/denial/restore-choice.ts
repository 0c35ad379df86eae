/** The second choice beside the smallest change: the statements that were lost, verified and held against the grammar like any other. */

import type { PolicyDocument } from '../../../core/iam/index.ts'
import { outsideGrammar } from '../../domain/authority/index.ts'
import type { Config } from '../../domain/config/index.ts'
import type { Open, RestoreChoice } from '../../domain/proposal/index.ts'
import type { Beside, BundleAnalysis } from '../deploy/analyze-bundle.ts'

export async function restoreChoice(
  open: Open,
  lost: PolicyDocument,
  {
    config,
    analyze,
  }: {
    readonly config: Pick<Config, 'approvedRoleSets'>
    readonly analyze: (beside: Pick<Beside, 'lost'>) => Promise<BundleAnalysis>
  },
): Promise<RestoreChoice> {
  if ((open.template?.needs.length ?? 0) > 0) return no('this card is for everything that its deploy lacks.')
  const { verified, followUps, refusal } = await analyze({ lost })
  if (verified === null) return no(refusal?.message ?? 'no change is needed any more.')
  const { patch, verification } = verified
  if (patch.digest === open.patch.digest) return no('the change on the card is exactly that.')
  const outside = outsideGrammar(
    patch.changes.filter(({ required }) => required),
    config.approvedRoleSets.map(({ pattern }) => pattern),
  )
  if (outside !== null) return no(`rolemedic never writes this: ${outside}.`)
  return { kind: 'offered', change: { patch, verification, followUps } }
}

const no = (why: string): RestoreChoice => ({ kind: 'not-offered', why })
