/**
 * Looks at a new denial at once and posts a card without buttons: what is seen so far, and when it is looked at again. Stores no
 * proposal and records nothing. `propose` decides everything a settle time later, whether or not this ran.
 */
import { blockedDeploys } from '../domain/deploy/index.ts'
import { lastChangeSettledMs, proposalId, settleEndMs } from '../domain/proposal/index.ts'
import { modeOfDenial } from '../workflows/approval/account-mode.ts'
import { chosenPlace, isStorm } from '../workflows/card/card-placement.ts'
import { postFirstLook } from '../workflows/card/first-look.ts'
import { deploysBrokenBy } from '../workflows/deploy/correlate-deploy.ts'
import { analyzeWithTemplate } from '../workflows/deploy/template-findings.ts'
import { cardHolding } from './join-card.ts'
import { drafted } from './proposal-factory.ts'
import type { ProposeDeps } from './propose.ts'

/** Why nothing is shown early. `noise`: it may solve itself. `late`: the second look is due. `failed`: it shows the denial. */
export type FirstLooked = 'posted' | 'missing' | 'known' | 'late' | 'observed' | 'listed' | 'noise' | 'failed'

/** Never fails: another delivery would be too late. */
export function makeFirstLook(deps: ProposeDeps): (fingerprint: string) => Promise<FirstLooked> {
  return async fingerprint => {
    try {
      return await lookFirst(fingerprint, deps)
    } catch (error) {
      deps.observer.log('warn', 'first_look_failed', { fingerprint, error: String(error) })
      return 'failed'
    }
  }
}

async function lookFirst(fingerprint: string, deps: ProposeDeps): Promise<FirstLooked> {
  const { store, clock, config } = deps
  const occurrence = await store.occurrence(fingerprint)
  if (occurrence === null) return 'missing'
  if (occurrence.proposalId !== null) return 'known'
  const endMs = settleEndMs(occurrence, config)
  const isLate = (): boolean => clock() >= endMs
  if (isLate()) return 'late'
  const mode = await modeOfDenial(occurrence.denial, deps)
  if (mode.mode === 'observe') return 'observed'
  if (await isStorm(occurrence, deps)) return 'listed'
  const broken = await deploysBrokenBy(occurrence, deps)
  if ((await cardHolding(occurrence, broken, deps)) !== null) return 'known'

  const nowMs = clock()
  const question = { denial: occurrence.denial, earlierGrants: [], nowMs }
  const { analysis, template } = await analyzeWithTemplate(question, broken, deps.analyze)
  const readByMs = clock()
  const id = proposalId(fingerprint, null)
  const deploy = blockedDeploys(broken, [fingerprint])
  const draft = drafted(id, analysis, { occurrence, previous: null, deploy, template, config, mode, nowMs })
  if (draft.status === 'closed') return 'noise'
  if (isLate()) return 'late'
  const { channel, listKey } = await chosenPlace(draft, deps)
  if (listKey !== null) return 'listed'
  const againAtMs = Math.max(endMs, lastChangeSettledMs(analysis.snapshot, null, config, readByMs))
  return (await postFirstLook(draft, { channel, againAtMs }, deps)) ? 'posted' : 'known'
}
