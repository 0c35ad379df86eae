/** The parts of the hub, each with what to do where it is missing or broken. One that cannot be read stops no other. */

import { partitionOfRegion } from '../../../../core/iam/index.ts'
import { CHAT_URL_OUTPUT } from '../../../../infra/chat.ts'
import { FUNCTIONS } from '../../../../infra/functions.ts'
import { ALERTS, PREFIX } from '../../../../infra/names.ts'
import type { DeploySettings } from '../../../../infra/settings.ts'
import type { AskAws } from '../../../live/ask-aws.ts'
import { readQueue } from '../../../live/operator-queues.ts'
import { version } from '../../../version.ts'
import { addressCheck, manifestCheckOf } from '../../chat/checks.ts'
import type { UseCaseWorld } from '../../world.ts'
import { type Check, checked, inTurn } from '../check.ts'
import type { MemberAccess } from '../member-access.ts'
import { alarmChecks, readAlarms, readSubscribers, subscriptionChecks } from './alerts.ts'
import { deployedCheck, functionCheck, mappingChecks, readFunction, readMappings, TAKERS } from './functions.ts'
import { hubKeys, keyChecks, readKey } from './keys.ts'
import { enrollPageCheck } from './passkey-page.ts'
import { HUB_QUEUES, queueChecks } from './queues.ts'
import { type HubStack, readHubStacks, stackCheck } from './stacks.ts'

type HubLook = {
  readonly settings: DeploySettings
  readonly configText: string
  readonly hubAccountId: string
  readonly ask: AskAws
}

const AT_ONCE = 4

export async function hubChecks(
  own: MemberAccess,
  { settings, configText, hubAccountId, ask }: HubLook,
  world: UseCaseWorld,
): Promise<readonly Check[]> {
  const { region, rolePath, existing } = settings
  const partition = partitionOfRegion(region)
  let stacks: readonly HubStack[] = []
  const stackChecks = await checked('stack', '', async () => {
    stacks = await readHubStacks(own, region, world.nowMs())
    return stacks.map(stackCheck)
  })
  const of = (name: string) => stacks.find(one => one.name === `${PREFIX}-${name}`)
  const [state, bot] = [of('state'), of('bot')]
  const parameters = bot?.parameters ?? {}
  const reserves = settings.reservedConcurrency && parameters['ReservedConcurrency'] !== 'no'
  const topicArn =
    existing.topicArn ?? state?.outputs['AlertTopicArn'] ?? `arn:${partition}:sns:${region}:${hubAccountId}:${ALERTS}`
  const url = bot?.outputs[CHAT_URL_OUTPUT]
  const parts = await Promise.all([
    bot?.status == null
      ? []
      : checked('deployed', '', async () => deployedCheck(bot.outputs, { version: version(), configText })),
    inTurn(FUNCTIONS, AT_ONCE, name =>
      checked('function', name, async () => [functionCheck(name, await readFunction(name, ask), reserves)]),
    ).then(checks => checks.flat()),
    checked('mapping', '', async () =>
      mappingChecks(
        new Map(await Promise.all(TAKERS.map(async name => [name, await readMappings(name, ask)] as const))),
      ),
    ),
    checked('queue', '', async () =>
      queueChecks(await Promise.all(HUB_QUEUES.map(name => readQueue(name, ask))), {
        ...{ partition, region, accountId: hubAccountId, rolePath },
      }),
    ),
    checked('key', '', async () =>
      keyChecks(await Promise.all(hubKeys(settings, parameters).map(id => readKey(id, ask)))),
    ),
    checked('alerts', '', async () =>
      subscriptionChecks(topicArn, await readSubscribers(topicArn, ask), settings.alertEmails),
    ),
    checked('alarm', '', async () => alarmChecks(await readAlarms(ask))),
    stacks.length === 0 ? [] : checked('address', '', async () => [await addressCheck(url)]),
    url === undefined ? [] : checked('passkey page', '', async () => [await enrollPageCheck(url)]),
    checked('manifest', '', () => manifestCheckOf(url, settings, world.env)),
  ])
  return [...stackChecks, ...parts.flat()]
}
