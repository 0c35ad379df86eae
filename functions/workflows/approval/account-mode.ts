/**
 * The mode of the accounts of a proposal. It depends only on the configuration and on the current place of the accounts:
 * nothing stored with a proposal can raise it.
 */
import { unknown } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import {
  type AppliedMode,
  approvalAsksAnywhere,
  approvalAsksIn,
  asksByUnit,
  type Config,
  dependsOnUnits,
  type FreezeWindow,
  freezesByUnit,
  lowest,
  lowestMode,
  modeIn,
  NO_PERMISSION_SETS,
  strictest,
  topMode,
  windowsIn,
} from '../../domain/config/index.ts'
import type { Proposal } from '../../domain/proposal/index.ts'
import type { AccountUnits } from '../../ports/access-reader.ts'

export type ModeDeps = { readonly config: Config; readonly units: AccountUnits }

/** The mode of the denied account, which decides whether there is a card at all. */
export async function modeOfDenial(
  { accountId }: Pick<Denial, 'accountId'>,
  { config, units }: ModeDeps,
): Promise<AppliedMode> {
  // Which account it is cannot be seen: every window may be its own.
  if (accountId === null)
    return withFreezes({ ...topMode(config), asks: approvalAsksAnywhere(config) }, config.freezeWindows)
  const isAsked = dependsOnUnits(config, accountId) || freezesByUnit(config) || asksByUnit(config)
  const place = isAsked ? await units(accountId) : NOT_ASKED
  const ids = place.known ? place.value : null
  const mode = { ...modeIn(config, accountId, place), asks: approvalAsksIn(config, accountId, ids) }
  return withFreezes(mode, windowsIn(config, accountId, ids))
}

const withFreezes = (mode: AppliedMode, freezes: readonly FreezeWindow[]): AppliedMode =>
  freezes.length === 0 ? mode : { ...mode, freezes }

/**
 * The lowest mode of the denied account and all accounts that the change affects. A permission set affects every account that
 * it is assigned in, so for it the lowest mode of the whole configuration applies, and `recommend` where it cannot be written.
 */
export async function decidingMode(proposal: Pick<Proposal, 'denial' | 'patch'>, deps: ModeDeps): Promise<AppliedMode> {
  const denied = await modeOfDenial(proposal.denial, deps)
  const targets = (proposal.patch?.changes ?? []).map(({ target }) => target)
  const accounts = new Set(targets.map(({ accountId }) => accountId))
  const others = await Promise.all([...accounts].map(accountId => modeOfDenial({ accountId }, deps)))
  const everywhere = targets.some(({ kind }) => kind === 'permission-set-inline-policy')
  const all = [denied, ...others]
  const freezes = everywhere ? deps.config.freezeWindows : all.flatMap(one => one.freezes ?? [])
  const ofSets = [...(deps.config.writesPermissionSets === false ? [NO_PERMISSION_SETS] : []), lowestMode(deps.config)]
  const { freezes: _, ...mode } = lowest([...(everywhere ? ofSets : []), ...all], denied)
  const asks = strictest([
    ...all.flatMap(one => one.asks ?? []),
    ...(everywhere ? [approvalAsksAnywhere(deps.config)] : []),
  ])
  return withFreezes({ ...mode, asks }, [...new Set(freezes)])
}

/** For a card or an answer in the chat: a failed look-up counts as unknown, so the lowest mode applies. */
export const withoutFaults =
  (units: AccountUnits): AccountUnits =>
  accountId =>
    units(accountId).catch(error => unknown(`Organizations could not be asked: ${String(error)}`))

const NOT_ASKED = unknown('not asked')
