import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { text } from 'node:stream/consumers'
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expect, it } from 'vitest'
import { sleepUntilStopped } from '../../cli/smoke/sleep-until-stopped.ts'
import { smoke } from '../../cli/smoke/steps.ts'
import { createTestRoles } from '../../cli/smoke/test-roles.ts'
import type { Refusal } from '../../core/base/result.ts'
import type { Status } from '../../functions/domain/proposal/proposal.ts'
import { movedTo, sampleProposal } from '../fakes/sample-proposal.ts'

const CALLER = 'arn:aws:iam::111122223333:role/smoke-1a2b-caller'
type World = { readonly statuses: readonly Status[]; readonly refusal?: Refusal; readonly stuck?: boolean }

/** Each read of the proposal returns its next status, and the access depends on the status. */
async function run({ statuses, refusal, stuck = false }: World) {
  const { denial } = sampleProposal()
  const ofCaller = { denial: { ...denial, principal: { ...denial.principal, roleArn: CALLER } } }
  const base =
    refusal === undefined ? sampleProposal(ofCaller) : sampleProposal({ ...ofCaller, status: 'closed', refusal })
  let nowMs = 0
  let status: Status = 'open'
  const left = [...statuses]
  const printed: string[] = []
  const done = smoke({
    roles: {
      callerArn: CALLER,
      tryAssume: async () => (!stuck && ['applied', 'confirmed', 'reverting'].includes(status) ? 'allowed' : 'denied'),
    },
    store: {
      open: async () => [sampleProposal({ id: 'somebody-else' }), base],
      get: async () => {
        status = left.shift() ?? status
        return movedTo(base, { status })
      },
    },
    print: line => void printed.push(line),
    sleep: async ms => {
      nowMs += ms
    },
    nowMs: () => nowMs,
  })
  return { done, printed, minutes: () => nowMs / 60_000 }
}

describe('the smoke test', () => {
  it('goes from the denial to the grant and back, with a person who presses the two buttons', async () => {
    const { done, printed } = await run({
      statuses: ['open', 'approved', 'applied', 'confirmed', 'reverting', 'reverted'],
    })
    await done
    expect(printed.filter(line => /^\d/.test(line)).map(line => line.slice(0, 2))).toEqual([
      '1.',
      '2.',
      '3.',
      '4.',
      '5.',
      '6.',
    ])
  })

  it('ends at once if the proposal fails', async () => {
    const { done } = await run({ statuses: ['open', 'failed'] })
    await expect(done).rejects.toThrow(/proposal .* is failed/)
  })

  it('ends at once if the change is reverted before it was seen', async () => {
    const { done } = await run({ statuses: ['open', 'reverting', 'reverted'] })
    await expect(done).rejects.toThrow(/proposal .* is reverted/)
  })

  it('fails if the grant has no effect, whatever the status says', async () => {
    const { done, minutes } = await run({ statuses: ['applied'], stuck: true })
    await expect(done).rejects.toThrow(/waited 3 minutes for the granted access/)
    expect(minutes()).toBeGreaterThanOrEqual(3)
  })

  it('reports the refusal of a proposal without a patch', async () => {
    const refusal = { code: 'no-audit', message: 'Nothing can be written.', owner: null }
    const { done } = await run({ statuses: [], refusal })
    await expect(done).rejects.toThrow('the bot has no proposal: Nothing can be written.')
  })

  it('times out if nobody presses a button', async () => {
    const { done, minutes } = await run({ statuses: ['open'] })
    await expect(done).rejects.toThrow(/waited 15 minutes for status applied or confirmed/)
    expect(minutes()).toBeLessThan(16)
  })
})

describe('the options of the smoke test', () => {
  it.each([
    [['--member', '444455556666'], '--region REGION is missing: the Region of the members'],
    [['--member', '444455556666', '--region', 'us-east-1'], '--hub-region REGION is missing'],
    [['--member', '44445555', '--region', 'us-east-1', '--hub-region', 'eu-west-1'], 'an account id has 12 digits'],
    [['--region', 'us-east-1', '--region', 'eu-west-1'], '--region is given twice, and there is no --member'],
  ])('%j are refused before anything is asked of AWS', async (args, why) => {
    const env = { ...process.env, AWS_REGION: '' }
    const child = spawn(process.execPath, ['cli/smoke/main.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
    const stderr = text(child.stderr)
    const [code] = await once(child, 'close')
    expect({ code, stderr: await stderr }).toEqual({ code: 2, stderr: expect.stringContaining(why) })
  })
})

describe('the smoke test when stopped', () => {
  it('continues to its end if nobody reads its output', async () => {
    const child = spawn(process.execPath, ['cli/smoke/main.ts', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    const stderr = text(child.stderr)
    const [code] = await once(child, 'close')
    expect({ code, stderr: await stderr }).toEqual({ code: 0, stderr: '' })
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends its wait at once on %s, and every later one',
    async signal => {
      const signals = new EventEmitter()
      const printed: string[] = []
      const sleep = sleepUntilStopped(signals, line => void printed.push(line))
      const waiting = sleep(60_000)
      // npm forwards a signal that the terminal has already sent.
      signals.emit(signal)
      signals.emit(signal)
      await expect(waiting).rejects.toThrow('stopped before the end')
      await expect(sleep(60_000)).rejects.toThrow('stopped before the end')
      expect(printed).toEqual(['stopping: deleting the roles'])
    },
  )
})

describe('the roles of the smoke test', () => {
  const made = async (refuse: (iam: ReturnType<typeof mockClient>) => void) => {
    const iam = mockClient(IAMClient)
    const Arn = 'arn:aws:iam::111122223333:user/ana'
    mockClient(STSClient).on(GetCallerIdentityCommand).resolves({ Account: '111122223333', Arn })
    iam.on(CreateRoleCommand).resolves({})
    iam.on(ListRolePoliciesCommand).resolves({ PolicyNames: ['rolemedic'] })
    iam.on(DeleteRolePolicyCommand).resolves({})
    iam.on(DeleteRoleCommand).resolves({})
    refuse(iam)
    const removed = () => iam.commandCalls(DeleteRoleCommand).map(({ args }) => args[0].input.RoleName?.slice(-6))
    return { roles: createTestRoles(new IAMClient({}), {}, async () => {}), removed }
  }

  it('are deleted with the policies of the bot, each even if the other fails', async () => {
    const { roles, removed } = await made(iam => {
      iam.on(DeleteRolePolicyCommand).rejectsOnce(new Error('Rate exceeded')).resolves({})
    })
    await expect((await roles).remove()).rejects.toThrow(
      /^delete the remaining roles yourself: smoke-[0-9a-f]{8}-caller \(Rate exceeded\)$/,
    )
    expect(removed()).toEqual(['target'])
  })

  it('report why they cannot be created, and no deletion of roles that do not exist', async () => {
    const denied = new Error('not authorized to perform: iam:CreateRole')
    const { roles, removed } = await made(iam => {
      iam.on(CreateRoleCommand).rejects(denied)
      iam.on(ListRolePoliciesCommand).rejects(new Error('not authorized to perform: iam:ListRolePolicies'))
    })
    await expect(roles).rejects.toThrow('cannot create the test roles: not authorized to perform: iam:CreateRole')
    expect(removed()).toEqual([])
  })
})
