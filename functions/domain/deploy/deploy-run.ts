/** The run that a failed deploy is part of: by the call that began it, else by the denial that broke it. */

import { linkableUrl, neutralText } from '../../../core/base/index.ts'
import { RUN_HOSTS, type Run, retryWords, runLine } from '../../../core/runs/index.ts'
import { type CauseWithProposal, denialOfCause } from './causes.ts'
import type { DeployState } from './deploy.ts'

type OfRun = Pick<DeployState, 'begun' | 'attempts' | 'correlation' | 'deploy'>

/** Null: it is not known, or it says no more than the deploy itself. */
export function runOfDeploy(
  { begun, attempts, correlation, deploy }: OfRun,
  causes: readonly CauseWithProposal[],
): Run | null {
  const byCall = begun !== undefined && begun.attempt === attempts.at(-1)?.id ? begun.run : null
  const { fromMs, untilMs } = correlation
  const byDenial = causes.flatMap(cause => {
    const { confidence, proposal, joined } = cause
    // A card holds the denials of other attempts too.
    const atMs = denialOfCause(cause)?.timeMs ?? 0
    return confidence === 'caused by' && joined === null && atMs >= fromMs && atMs <= untilMs ? [proposal?.run] : []
  })
  return [byCall, ...byDenial].find(run => run != null && addsFacts(run, deploy.kind)) ?? null
}

const addsFacts = ({ tool, id, repository, ref, workflow, actor, person }: Run, kind: string): boolean =>
  (tool !== null && tool !== kind) || [id, repository, ref, workflow, actor, person].some(fact => fact !== null)

export type ShownDeployRun = { readonly line: string; readonly link: string | null }

/** The line has outside text. */
export function shownDeployRun(run: Run | null): ShownDeployRun | null {
  const line = run === null ? null : runLine(run)
  if (run === null || line === null) return null
  const retry = retryWords(run)
  const words = retry === null ? '' : `. To run it again: ${retry}`
  return { line: `Run: ${neutralText(line, MAX_RUN_CHARS)}${words}.`, link: linkableUrl(run.url, RUN_HOSTS) }
}

const MAX_RUN_CHARS = 400
