/** What rolemedic does in an account. Only the configuration decides, by the current place of the account in its organization. */
import type { Fact } from '../../../core/base/index.ts'
import type { ApprovalAsks } from './approval-asks.ts'
import { type Config, MODES, type Mode } from './config.ts'
import type { FreezeWindow } from './freeze.ts'

export type AppliedMode = {
  readonly mode: Mode
  /** The path in `rolemedic.config.json` of the setting that decides. */
  readonly setting: string
  /** Why the account's units could not be read, so that the lowest possible mode applies. Null: they were read or do not matter. */
  readonly unread: string | null
  /** No setting decides: nobody has chosen a mode. */
  readonly isUnset?: true
  /** The setting is one of `rolemedic.deploy.json`, without which the change cannot be written. */
  readonly isDeployed?: true
  /** Of the accounts that it is about; absent: none. */
  readonly freezes?: readonly FreezeWindow[]
  /** What an approval in these accounts is asked for; absent: nothing. */
  readonly asks?: ApprovalAsks
}

/** Of a change to a permission set, where the deployment was given no account that administers Identity Center. */
export const NO_PERMISSION_SETS: AppliedMode = {
  mode: 'recommend',
  setting: 'organization.identityCenter',
  unread: null,
  isDeployed: true,
}

const LOWEST = 0
export const rankOf = (mode: Mode): number => MODES.indexOf(mode)

/** True when the place of the account in the organization can decide. */
export function dependsOnUnits(config: Config, accountId: string): boolean {
  return (
    ownMode(config, accountId) === undefined &&
    Object.keys(config.organizationalUnits).some(id => unitMode(config, id).length > 0)
  )
}

/** The mode of the nearest setting: of the account, then of its nearest unit, then the top. `units`: root first. */
export function modeIn(config: Config, accountId: string, units: Fact<readonly string[]>): AppliedMode {
  const own = ownMode(config, accountId)
  if (own !== undefined) return { mode: own, setting: `accounts.${accountId}.mode`, unread: null }
  const top = topMode(config)
  if (!dependsOnUnits(config, accountId)) return top
  if (!units.known) {
    const possible = [top, ...Object.keys(config.organizationalUnits).flatMap(id => unitMode(config, id))]
    return { ...lowest(possible, top), unread: units.why }
  }
  return units.value.toReversed().flatMap(id => unitMode(config, id))[0] ?? top
}

/** For a change that affects any account: the lowest mode that is configured anywhere. */
export function lowestMode(config: Config): AppliedMode {
  const top = topMode(config)
  const units = Object.keys(config.organizationalUnits).flatMap(id => unitMode(config, id))
  const accounts = Object.keys(config.accounts).flatMap(id => {
    const mode = ownMode(config, id)
    return mode === undefined ? [] : [{ mode, setting: `accounts.${id}.mode`, unread: null }]
  })
  return lowest([top, ...units, ...accounts], top)
}

/** For several accounts, the lowest mode applies. */
export function lowest(modes: readonly AppliedMode[], otherwise: AppliedMode): AppliedMode {
  const [first] = modes.toSorted((a, b) => rankOf(a.mode) - rankOf(b.mode))
  return first ?? otherwise
}

/** For a denial with an unknown account. */
export const topMode = ({ mode }: Pick<Config, 'mode'>): AppliedMode =>
  mode === undefined
    ? { mode: MODES[LOWEST], setting: 'mode', unread: null, isUnset: true }
    : { mode, setting: 'mode', unread: null }

/** True when any account may have mode observe, so that there is a digest. */
export const mayObserve = (config: Config): boolean => rankOf(lowestMode(config).mode) === LOWEST

/** What to write in the configuration for the next higher mode. Null: there is none. */
export function nextUp({ mode, setting, isDeployed }: AppliedMode): string | null {
  if (isDeployed === true) return null
  const next = MODES[rankOf(mode) + 1]
  return next === undefined ? null : settingAsJson(setting, next)
}

/** `the mode is recommend (accounts.111122223333.mode)`, with the reason if the units could not be read. */
export function modeInWords({ mode, setting, unread, isUnset, isDeployed }: AppliedMode): string {
  if (isDeployed === true)
    return `permission sets are not written here (${setting} of rolemedic.deploy.json names the account and the Region that administer Identity Center, and the CDK alone deploys it)`
  if (isUnset === true && unread === null) return `the mode is ${mode}, as rolemedic.config.json sets none`
  const because =
    unread === null
      ? ''
      : `, the safest that is possible, as it cannot be seen in which organizational unit the account is: ${unread}`
  return `the mode is ${mode} (${setting} in rolemedic.config.json${because})`
}

/** The setting as JSON: `"accounts": { "111122223333": { "mode": "approve" } }`. */
function settingAsJson(setting: string, mode: Mode): string {
  const [last = '', ...around] = setting.split('.').reverse()
  return around.reduce((inner, name) => `"${name}": { ${inner} }`, `"${last}": "${mode}"`)
}

function ownMode(config: Config, accountId: string): Mode | undefined {
  return Object.hasOwn(config.accounts, accountId) ? config.accounts[accountId]?.mode : undefined
}

function unitMode(config: Config, id: string): readonly AppliedMode[] {
  const unit = Object.hasOwn(config.organizationalUnits, id) ? config.organizationalUnits[id] : undefined
  return unit?.mode === undefined ? [] : [{ mode: unit.mode, setting: `organizationalUnits.${id}.mode`, unread: null }]
}
