/** What an earlier version did otherwise, where the file does not say what it wants. `docs/upgrade.md` says the same at length. */
import type { Config } from './config.ts'

/** `given`: the content of the file, without defaults. Who has set what is new is told nothing. */
export function upgradeNotes(config: Config, given: object): readonly string[] {
  const modes = [config, ...Object.values(config.accounts), ...Object.values(config.organizationalUnits)]
  const mayApprove = config.mode === undefined || modes.some(({ mode }) => mode === 'approve')
  if (!mayApprove) return []
  const hours = Math.min(config.limitedGrantHours ?? MAX_HOURS, MAX_HOURS)
  return [
    ...(isSet(given, ['grants', 'permanent', 'people']) ? [] : [PERMANENT_NOTE]),
    ...(config.breakGlass === null || isSet(given, ['breakGlass', 'askAtHourUtc'])
      ? []
      : [
          `breakGlass: a break-glass ends after ${hours} h and never stays, and at 8:00 UTC of the next morning the ordinary approvers are asked whether it was right. Set breakGlass.askAtHourUtc to say when`,
        ]),
  ]
}

const MAX_HOURS = 4

const PERMANENT_NOTE =
  'grants.permanent: a grant without an end takes two approvers for people ("two-approvers"), and as many as its risk for machines ("always"). One alone approves for limitedGrantHours. Set "people" to say so, or to "always" to keep what earlier versions did'

function isSet(given: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return given !== undefined
  return (
    typeof given === 'object' && given !== null && isSet((given as { readonly [name: string]: unknown })[key], rest)
  )
}
