/**
 * Which denial broke this deploy? Its words are read, what they hold enters like any denial, and people are told once, by
 * whoever comes last of the failure and its cause. A deploy that no denial broke stays silent. Everything may happen twice.
 */
import type { Config } from '../domain/config/config.ts'
import { wasOver } from '../domain/deploy/causes.ts'
import { confidenceOf } from '../domain/deploy/correlation.ts'
import type { Cause, DeployState, FailedDeploy } from '../domain/deploy/deploy.ts'
import {
  deployKey,
  isNewAttempt,
  isPast,
  joinedCauses,
  pastOf,
  ROUND_MS,
  roundKey,
  withFailure,
} from '../domain/deploy/deploy-round.ts'
import { parseDeployEvent } from '../domain/deploy/tools/tools.ts'
import type { Occurrence } from '../domain/proposal/proposal.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { type JoinDeployDeps, tellDeploy } from '../workflows/deploy/correlate-deploy.ts'
import { changeDeploy, deployState, listDeploy, standingCauses } from '../workflows/deploy/deploy-store.ts'
import { type HarvestDeps, harvest } from './harvest.ts'
import { type ReadDeployDeps, readDeploy } from './read-deploy.ts'
import { readTemplate } from './read-template.ts'

export type AlertDeps = ReadDeployDeps &
  HarvestDeps &
  JoinDeployDeps & {
    readonly store: Pick<ProposalStore, 'occurrencesBetween'>
    readonly config: Pick<Config, 'deployWindowMinutes' | 'settleSeconds'>
  }

export type Alerted =
  | { readonly kind: 'not-ours'; readonly why: string }
  /** No denial broke it, or none is known yet: should one come, `propose` joins it. */
  | { readonly kind: 'silent'; readonly key: string }
  | { readonly kind: 'explained'; readonly key: string; readonly causes: readonly Cause[] }

const MINUTE_MS = 60_000

export function makeAlert(deps: AlertDeps): (event: unknown) => Promise<Alerted> {
  return async event => {
    const { observer, store } = deps
    const parsed = parseDeployEvent(event)
    if (parsed.kind === 'not-ours') {
      observer.count('NotOurs')
      observer.log('info', 'not a failed deploy', { why: parsed.why })
      return parsed
    }
    const read = await readDeploy(parsed.deploy, deps)
    const { deploy, traces } = read
    const seen = await sightingsNear(deploy, deps)
    const key = deployKey(deploy)
    const before = await deployState(key, store)
    const mended = before !== null && (await isNews(before, deploy, deps))
    // Stored before the denials enter: their card is to hold everything that the deploy lacks.
    const early = traces.said.length === 0 ? null : await readTemplate(deploy, read.stackIds, deps)
    if (early !== null) {
      const begun = { deploy: briefly(deploy), traces, causes: [], template: early }
      const stored = await changeDeploy(key, store, now => withFailure(now, begun, mended))
      if (stored !== null) await listDeploy(stored, store)
    }
    const harvested = await harvest(read, seen, deps)
    const past = mended ? pastOf(before) : before?.past
    const likely = seen.flatMap(occurrence => {
      const { fingerprint, denial } = occurrence
      const confidence = isPast(occurrence, past) ? null : confidenceOf(denial, deploy, traces)
      return confidence === null ? [] : [{ fingerprint, confidence }]
    })
    const causes = joinedCauses(harvested, likely)
    observer.count('DeploysFailed')
    const told = traces.otherwise && traces.said.length === 0
    if (causes.length === 0 && told && before === null) return { kind: 'silent', key }

    // Only a deploy that a denial broke has its template read.
    const template = early ?? (causes.length === 0 ? null : await readTemplate(deploy, read.stackIds, deps))
    const failure = { deploy: briefly(deploy), traces, causes, ...(template === null ? {} : { template }) }
    const after = await changeDeploy(key, store, now => withFailure(now, failure, mended))
    if (after !== null) await listDeploy(after, store)
    observer.log('info', 'a deploy failed', { kind: deploy.kind, deploy: key, causes: after?.causes.length ?? 0 })
    if (after === null || after.causes.length === 0) return { kind: 'silent', key }
    if (template?.kind === 'read') await lookAgain(after, seen, deps)
    await tellDeploy(key, deps)
    return { kind: 'explained', key, causes: after.causes }
  }
}

/** A card that was made before the deploy failed does not know the template yet. */
async function lookAgain(state: DeployState, seen: readonly Occurrence[], { queue }: AlertDeps): Promise<void> {
  for (const { fingerprint } of state.causes) {
    const hasCard = seen.some(occurrence => occurrence.fingerprint === fingerprint && occurrence.proposalId !== null)
    const deduplicationId = `propose/${fingerprint}/template/${roundKey(state)}`
    if (hasCard) await queue.send({ kind: 'propose', fingerprint }, { deduplicationId })
  }
}

/** CloudTrail brings a denial minutes after it happened, so that it may have been sighted after the failure. */
async function sightingsNear(deploy: FailedDeploy, deps: AlertDeps): Promise<readonly Occurrence[]> {
  const { accountId, region, failedAtMs } = deploy
  const fromMs = failedAtMs - deps.config.deployWindowMinutes * MINUTE_MS
  return deps.store.occurrencesBetween(accountId, region, fromMs, deps.clock())
}

async function isNews(before: DeployState, deploy: FailedDeploy, { store }: AlertDeps): Promise<boolean> {
  if (!isNewAttempt(before, deploy)) return false
  if (deploy.failedAtMs - before.deploy.failedAtMs > ROUND_MS) return true
  return before.causes.length > 0 && wasOver(await standingCauses(before, store), deploy.failedAtMs)
}

const KEPT_REASONS = 3
const KEPT_CHARS = 600

/** A note is small, and its reasons have been read. */
function briefly(deploy: FailedDeploy): FailedDeploy {
  const reasons = deploy.reasons.slice(0, KEPT_REASONS)
  return { ...deploy, reasons: reasons.map(reason => ({ ...reason, text: reason.text.slice(0, KEPT_CHARS) })) }
}
