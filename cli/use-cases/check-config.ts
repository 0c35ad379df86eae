/** Whether a configuration can be deployed. */
import type { Result } from '../../core/base/index.ts'
import { type BotConfig, configWarnings, parseDeployedConfig } from '../../functions/domain/config/index.ts'
import type { PasskeysOutput } from '../outputs/operate/passkeys.ts'

export type CheckedConfig = {
  /** Includes the defaults. */
  readonly config: BotConfig
  readonly warnings: readonly string[]
  /** What changed since earlier versions, as far as the file does not say what it wants. */
  readonly notes: readonly string[]
}

/** Errors name their place in the file. */
export function checkConfig(text: string): Result<CheckedConfig, readonly string[]> {
  const parsed = parseDeployedConfig(text)
  if (!parsed.ok) return parsed
  const { config, isSample, notes } = parsed.value
  return { ok: true, value: { config, warnings: configWarnings(config, { isSample }), notes } }
}

const LEAST_PEOPLE = 2

/**
 * Before two people of each list have one, nobody could approve what needs a passkey. `enrolled`: who has one, as passkeys list prints it; null:
 * nobody says.
 */
export function missingPasskeys(config: BotConfig, enrolled: PasskeysOutput | null): readonly string[] {
  const { approval, passkeys, breakGlass } = config
  if (approval.passkey === 'off') return []
  if (enrolled === null)
    return [
      `approval.passkey: before it is ${approval.passkey}, say who has a passkey: rolemedic passkeys list --json > enrolled.json, then rolemedic config check --enrolled enrolled.json`,
    ]
  const counting = enrolled.passkeys.filter(({ counts, isSynced }) => counts && !(passkeys.deviceBound && isSynced))
  const people = new Set(counting.map(({ userId }) => userId).filter(id => passkeys.people?.includes(id) !== false))
  const inGroup = (id: string) => enrolled.groups.find(({ group }) => group === id)?.enrolled ?? []
  const own = Object.entries(config.accounts).flatMap(([id, { approvers }]) =>
    approvers === undefined ? [] : [[`accounts.${id}.approvers`, approvers] as const],
  )
  const lists = [
    ...(config.approvers.users.length + config.approvers.groups.length === 0
      ? []
      : [['approvers', config.approvers] as const]),
    ...own,
    ...(breakGlass === null ? [] : [['breakGlass.group', { users: [], groups: [breakGlass.group] }] as const]),
  ]
  const few = (name: string, all: readonly string[]) => {
    const count = new Set(all.filter(id => people.has(id))).size
    return count >= LEAST_PEOPLE
      ? []
      : [
          `${name}: ${count} of its people have a passkey that counts, and two are needed before approval.passkey is ${approval.passkey}`,
        ]
  }
  return lists.flatMap(([name, { users, groups }]) =>
    groups.length === 0
      ? few(name, users)
      : groups.flatMap(group => few(`${name} (${group})`, [...users, ...inGroup(group)])),
  )
}
