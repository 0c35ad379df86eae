/**
 * The mode of the accounts that a proposal is about. It follows from the configuration and from where the accounts stand now:
 * nothing that is stored with a proposal can raise it.
 */
import { unknown } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import {
  type AppliedMode,
  type Config,
  dependsOnUnits,
  lowest,
  lowestMode,
  modeIn,
  topMode,
} from '../../domain/config/index.ts'
import type { Proposal } from '../../domain/proposal/index.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'

export type ModeDeps = { readonly config: Config; readonly units: AccountUnits }

/** Of the account that was denied: whether there is a card at all. */
export async function modeOfDenial(
  { accountId }: Pick<Denial, 'accountId'>,
  { config, units }: ModeDeps,
): Promise<AppliedMode> {
  if (accountId === null) return topMode(config)
  return modeIn(config, accountId, dependsOnUnits(config, accountId) ? await units(accountId) : NOT_ASKED)
}

/**
 * Of every account that the change reaches, with the denied one: the lowest decides. A permission set reaches every account that it
 * is assigned in, so for it the lowest mode of the whole configuration counts.
 */
export async function decidingMode(proposal: Pick<Proposal, 'denial' | 'patch'>, deps: ModeDeps): Promise<AppliedMode> {
  const denied = await modeOfDenial(proposal.denial, deps)
  const targets = (proposal.patch?.changes ?? []).map(({ target }) => target)
  const accounts = new Set(targets.map(({ accountId }) => accountId))
  const others = await Promise.all([...accounts].map(accountId => modeOfDenial({ accountId }, deps)))
  const everywhere = targets.some(({ kind }) => kind === 'permission-set-inline-policy')
  return lowest([denied, ...others, ...(everywhere ? [lowestMode(deps.config)] : [])], denied)
}

/** For a card or an answer in the chat: what could not be asked counts as unknown, and the lowest mode holds. */
export const withoutFaults =
  (units: AccountUnits): AccountUnits =>
  accountId =>
    units(accountId).catch(error => unknown(`Organizations could not be asked: ${String(error)}`))

const NOT_ASKED = unknown('not asked')
