/** Which approvals need a passkey. */
import type { PasskeyRule } from '../authority/index.ts'
import type { Config } from './config.ts'

export type PasskeySettings = {
  readonly approval: Pick<Config['approval'], 'passkey'>
  readonly passkeys: Config['passkeys']
}

/** Without the address of the page, which only a deployment knows. */
export const passkeysOf = ({ approval, passkeys }: PasskeySettings): Omit<PasskeyRule, 'origin'> => ({
  needed: approval.passkey,
  isDeviceBound: passkeys.deviceBound,
  people: passkeys.people,
})

export const passkeyRuleOf = (config: PasskeySettings, origin: string): PasskeyRule => ({
  ...passkeysOf(config),
  origin,
})
