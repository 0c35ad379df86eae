import { describe, expect, it } from 'vitest'
import { harvest } from '../../functions/alert/harvest.ts'
import type { DeployCause } from '../../functions/domain/deploy/deploy.ts'
import type { Work } from '../../functions/domain/proposal/work.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { DENIAL, NOON } from '../fakes/sample-proposal.ts'

const ROLE = 'arn:aws:iam::111122223333:role/deployer'
const DEPLOY = {
  kind: 'cloudformation',
  accountId: '111122223333',
  region: 'eu-west-1',
  target: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/1',
  name: 'orders',
  attempt: null,
  status: 'ROLLBACK_IN_PROGRESS',
  failedAtMs: NOON,
  reasons: [],
  log: null,
}
const reason = { text: '', resource: 'Worker', resourceType: 'AWS::Lambda::Function', atMs: NOON }
const reported = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({
    denial: {
      ...DENIAL,
      id: `told-${from + n}`,
      source: 'message' as const,
      timeMs: NOON,
      resource: `arn:aws:iam::111122223333:role/r-${from + n}`,
    },
    reason,
  }))

function world() {
  const at = { isQueueDown: false }
  const sent: { work: Work; delaySeconds: number | undefined }[] = []
  const deps = {
    store: memoryStore(),
    queue: {
      async send(work: Work, options?: { readonly delaySeconds?: number }) {
        if (at.isQueueDown) throw new Error('the queue is down')
        sent.push({ work, delaySeconds: options?.delaySeconds })
      },
    },
    clock: () => NOON,
    observer: { log: () => {}, count: () => {} },
    config: { settleSeconds: 60 },
    ownRoleArns: [],
    readerRole: null,
  }
  const run = (all: ReturnType<typeof reported>, earlier: readonly DeployCause[] = []) =>
    harvest(
      {
        deploy: DEPLOY,
        reported: all,
        reasons: [],
        actors: { own: [{ roleArn: ROLE, session: null }], caller: false },
        stackIds: [],
        startedAtMs: null,
        correlation: {
          requests: [],
          roles: [],
          sessions: [],
          via: null,
          ownRoles: [],
          fromMs: 0,
          untilMs: NOON,
          explained: true,
        },
      },
      [],
      earlier,
      deps,
    )
  return { run, sent, at }
}

describe('the texts of one deploy', () => {
  it('make ten cards at most, and the rest is a number', async () => {
    const { causes, left } = await world().run(reported(0, 13))
    expect([causes.length, left]).toEqual([10, 3])
  })

  it('make ten at most in all its events together, and repeat those that entered before', async () => {
    const { run } = world()
    const first = await run(reported(0, 8))
    const second = await run(reported(0, 13), first.causes)
    expect([first.causes.length, second.causes.length, second.left]).toEqual([8, 10, 3])
  })

  it('are looked up in CloudTrail again after 5, 10 and 15 minutes', async () => {
    const { run, sent } = world()
    await run(reported(0, 1))
    expect(sent.map(({ delaySeconds }) => delaySeconds)).toEqual([60, undefined, 300, 600, 900])
  })

  it('are looked up again also where the queue was down when the event first came', async () => {
    const { run, sent, at } = world()
    at.isQueueDown = true
    await expect(run(reported(0, 1))).rejects.toThrow('the queue is down')
    at.isQueueDown = false
    await run(reported(0, 1))
    expect(sent.map(({ delaySeconds }) => delaySeconds)).toEqual([60, 300, 600, 900])
  })
})
