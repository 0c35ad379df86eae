/** What rolemedic does in an account. The configuration alone says so, by today's place of the account in its organization. */
import type { Fact } from '../../../core/base/index.ts'
import { type Config, MODES, type Mode } from './config.ts'

export type AppliedMode = {
  readonly mode: Mode
  /** The setting that decides, as a path in `rolemedic.config.json`. */
  readonly setting: string
  /** Why the units of the account could not be read, so that the lowest possible mode holds; null: they were, or decide nothing. */
  readonly unread: string | null
}

const LOWEST = 0
export const rankOf = (mode: Mode): number => MODES.indexOf(mode)

/** Whether the place of the account in the organization can decide. */
export function dependsOnUnits(config: Config, accountId: string): boolean {
  return ownMode(config, accountId) === undefined && Object.keys(config.organizationalUnits).length > 0
}

/** The nearest setting wins: the account, then its nearest unit, then the top. `units`: root first. */
export function modeIn(config: Config, accountId: string, units: Fact<readonly string[]>): AppliedMode {
  const own = ownMode(config, accountId)
  if (own !== undefined) return { mode: own, setting: `accounts.${accountId}.mode`, unread: null }
  const top: AppliedMode = { mode: config.mode, setting: 'mode', unread: null }
  if (!dependsOnUnits(config, accountId)) return top
  if (!units.known) {
    const possible = [top, ...Object.keys(config.organizationalUnits).flatMap(id => unitMode(config, id))]
    return { ...lowest(possible, top), unread: units.why }
  }
  return units.value.toReversed().flatMap(id => unitMode(config, id))[0] ?? top
}

/** Of a change that reaches any account: the lowest that is configured anywhere. */
export function lowestMode(config: Config): AppliedMode {
  const top: AppliedMode = { mode: config.mode, setting: 'mode', unread: null }
  const units = Object.keys(config.organizationalUnits).flatMap(id => unitMode(config, id))
  const accounts = Object.keys(config.accounts).flatMap(id => {
    const mode = ownMode(config, id)
    return mode === undefined ? [] : [{ mode, setting: `accounts.${id}.mode`, unread: null }]
  })
  return lowest([top, ...units, ...accounts], top)
}

/** Where several accounts are concerned, the lowest decides. */
export function lowest(modes: readonly AppliedMode[], otherwise: AppliedMode): AppliedMode {
  const [first] = modes.toSorted((a, b) => rankOf(a.mode) - rankOf(b.mode))
  return first ?? otherwise
}

/** Of a denial whose account is unknown. */
export const topMode = (config: Config): AppliedMode => ({ mode: config.mode, setting: 'mode', unread: null })

/** Whether any account may be observed: then there is a digest. */
export const mayObserve = (config: Config): boolean => rankOf(lowestMode(config).mode) === LOWEST

/** What to write for the next mode up; null: there is none. */
export function nextUp({ mode, setting }: AppliedMode): string | null {
  const next = MODES[rankOf(mode) + 1]
  return next === undefined ? null : settingAsJson(setting, next)
}

/** As the file has it: `"accounts": { "111122223333": { "mode": "approve" } }`. */
export function settingAsJson(setting: string, mode: Mode): string {
  const [last = '', ...around] = setting.split('.').reverse()
  return around.reduce((inner, name) => `"${name}": { ${inner} }`, `"${last}": "${mode}"`)
}

function ownMode(config: Config, accountId: string): Mode | undefined {
  return Object.hasOwn(config.accounts, accountId) ? config.accounts[accountId]?.mode : undefined
}

function unitMode(config: Config, id: string): readonly AppliedMode[] {
  const unit = Object.hasOwn(config.organizationalUnits, id) ? config.organizationalUnits[id] : undefined
  return unit === undefined ? [] : [{ mode: unit.mode, setting: `organizationalUnits.${id}.mode`, unread: null }]
}
