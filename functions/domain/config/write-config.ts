/** What `write` knows of the configuration, which it has no parser of. It is made when the bot is deployed. */
import { hash } from 'node:crypto'
import { type PasskeySettings, passkeysOf } from './passkey-rule.ts'

/** Next to the code in a deployment of the CDK, and in the archive that the released templates take. */
export const WRITE_CONFIG_FILE = 'rolemedic.write.json'

/**
 * Over the text as it is deployed. A digest of the parsed configuration would change with the defaults of a version, and nothing would be
 * written until the same file is packed again.
 */
export const configDigestOf = (text: string): string => `sha256:${hash('sha256', text)}`

/** What `functions/write/environment.ts` reads. `text`: the configuration as it is deployed. */
export function writeConfigText(
  text: string,
  config: PasskeySettings & {
    readonly approvedRoleSets: readonly { readonly pattern: string }[]
    readonly secondReadSeconds: number
  },
): string {
  const made = {
    configDigest: configDigestOf(text),
    approvedSets: config.approvedRoleSets.map(({ pattern }) => pattern),
    secondReadSeconds: config.secondReadSeconds,
    passkeys: passkeysOf(config),
  }
  return `${JSON.stringify(made)}\n`
}
