/** A repository contains the code of the denied role, and the card was answered with a pull request. */

import { type BotConfig, botConfigSchema } from '../../functions/domain/config/config.ts'
import type { Click } from '../../functions/domain/proposal/click.ts'
import type { Proposal } from '../../functions/domain/proposal/proposal.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { REPOSITORY } from './memory-code-host.ts'
import { CARD } from './sample-proposal.ts'
import { IDENTITY_CHANGE, proposalWith } from './two-sided.ts'
import { ONCALL, type World, worldWith } from './verify-world.ts'

export const DEPLOYER = 'arn:aws:iam::111122223333:role/deployer'
export const CODE = { repository: REPOSITORY, entities: [{ arn: DEPLOYER, tags: { git_file: 'main.tf' } }] }
export const BRIDGE_CONFIG: BotConfig = botConfigSchema.parse({
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
  repositories: [REPOSITORY],
})
/** The code's own grant after its deployment. */
export const CODE_POLICY = `role-inline-policy ${DEPLOYER} app`

export const openWithCode = (): Promise<World> => worldWith(proposalWith([IDENTITY_CHANGE], { code: CODE }))

export type Process = ReturnType<World['process']>
export const processOf = (world: World, fault?: Parameters<World['process']>[0]): Process =>
  world.process(fault, BRIDGE_CONFIG)

export const clickOn = (proposal: Proposal, action: Click['action'], by = ONCALL) => ({
  kind: 'click' as const,
  origin: FAKE_ORIGIN,
  ...CARD,
  cardOf: proposal.id,
  click: { action, by, proposalId: proposal.id, digest: proposal.patch?.digest ?? '', reason: null },
})

export async function press(world: World, live: Process, action: Click['action'], id = 'p-1'): Promise<void> {
  const handled = await live.decide(clickOn(await world.get(id), action))
  await handled.notify()
}

/** Lets time pass: delivers work and sweeps, minute by minute. */
export async function pass(world: World, minutes: number, live: Process, everyMinutes = 1): Promise<void> {
  const endMs = world.clock.nowMs + minutes * 60_000
  while (world.clock.nowMs < endMs) {
    await world.deliver(live)
    await live.sweep()
    world.clock.nowMs += everyMinutes * 60_000
  }
  await world.deliver(live)
}

/** Deploys the merged code: the same grant, without an end. */
export function deploy(world: World, proposal: Proposal): void {
  const [change] = proposal.patch?.changes ?? []
  if (change !== undefined)
    world.iam.documents.set(CODE_POLICY, {
      ...change.after,
      Statement: change.after.Statement.map(({ Sid: _, ...rest }) => rest),
    })
}
