/** Which approvals need a passkey. */
import type { Config } from './config.ts'

export type PasskeySettings = {
  readonly approval: Pick<Config['approval'], 'passkey'>
  readonly passkeys: Pick<Config['passkeys'], 'people' | 'deviceBound'>
}

/** As `write` reads it. */
export type PasskeyNeeds = {
  readonly needed: Config['approval']['passkey']
  readonly isDeviceBound: boolean
  readonly people: readonly string[] | null
}

/** Without the address of the page, which only a deployment knows. */
export const passkeysOf = ({ approval, passkeys }: PasskeySettings): PasskeyNeeds => ({
  needed: approval.passkey,
  isDeviceBound: passkeys.deviceBound,
  people: passkeys.people,
})

export const passkeyRuleOf = (config: PasskeySettings, origin: string): PasskeyNeeds & { readonly origin: string } => ({
  ...passkeysOf(config),
  origin,
})
