/** Whether each key of the hub can be used: those that encrypt, and those that sign. */
import * as z from 'zod'
import { ALERTS, keyAlias, PREFIX, SIGNERS } from '../../../../infra/names.ts'
import type { DeploySettings } from '../../../../infra/settings.ts'
import type { AskAws } from '../../../live/ask-aws.ts'
import { type Check, failedCheck, okCheck } from '../check.ts'

type Rotations = DeploySettings['keyRotations']
export type HubKey = { readonly id: string; readonly state: string | null }

const described = z.object({ KeyMetadata: z.object({ KeyState: z.string() }) })

/** Aliases, those that encrypt first. `parameters`: of the stack of a released template, which knows one rotation. */
export function hubKeys(
  { existing, keyRotations }: Pick<DeploySettings, 'existing' | 'keyRotations'>,
  parameters: { readonly [name: string]: string },
): readonly string[] {
  const signing = (Object.keys(SIGNERS) as readonly (keyof typeof SIGNERS)[]).flatMap(use => {
    const parameter = `${use.charAt(0).toUpperCase()}${use.slice(1)}KeyRetiredAt`
    const retired =
      use === 'audit' ? 0 : Math.max(keyRotations[use as keyof Rotations].length, parameters[parameter] ? 1 : 0)
    return Array.from({ length: retired + 1 }, (_, before) => `alias/${keyAlias(use, before + 1)}`)
  })
  const ofAlerts = existing.topicArn === undefined ? [`alias/${ALERTS}`] : []
  return [existing.keyArn ?? `alias/${PREFIX}`, ...ofAlerts, ...signing]
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
export async function readKey(id: string, { json }: AskAws): Promise<HubKey> {
  try {
    const { KeyMetadata } = described.parse(await json('kms', 'TrentService.DescribeKey', { KeyId: id }))
    return { id, state: KeyMetadata.KeyState }
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') return { id, state: null }
    throw error
  }
}

export function keyChecks(keys: readonly HubKey[]): readonly Check[] {
  const wrong = keys.flatMap(({ id, state }) => {
    switch (state) {
      case 'Enabled':
        return []
      case null:
        return [failedCheck('key', `${id} is missing: deploy rolemedic-state`)]
      case 'Disabled':
        return [
          failedCheck('key', `${id} is disabled, and all that needs it fails: aws kms enable-key --key-id <its key>`),
        ]
      case 'PendingDeletion':
        return [
          failedCheck(
            'key',
            `${id} will be deleted, and what it encrypted or signed with it: aws kms cancel-key-deletion --key-id <its key>, then enable-key`,
          ),
        ]
      default:
        return [failedCheck('key', `${id} is ${state}`)]
    }
  })
  return wrong.length > 0 ? wrong : [okCheck('key', `${keys.length} keys, each enabled`)]
}
