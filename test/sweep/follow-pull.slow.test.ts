import { describe, expect, it } from 'vitest'
import { branchOf } from '../../functions/domain/proposal/pull-request.ts'
import { BRIDGE_CONFIG, deploy, openWithCode, pass, press, processOf } from '../fakes/bridge-world.ts'
import { CHAT_OUTAGE, CHAT_REFUSAL } from '../fakes/memory-chat.ts'
import { keyOf } from '../fakes/memory-iam.ts'
import { HOUR, inStatus, MINUTE, NOON } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'

const BRIDGE = keyOf(IDENTITY_CHANGE.target)
const texts = (world: Awaited<ReturnType<typeof openWithCode>>) => world.chat.posts.map(({ text }) => text)

async function kindsOf(world: Awaited<ReturnType<typeof openWithCode>>): Promise<readonly string[]> {
  const kinds: string[] = []
  for await (const { entry } of world.log.records())
    kinds.push(entry.kind === 'pull-request' ? (entry.key.split('/').at(-1) ?? '') : entry.kind)
  return kinds
}

async function bridged() {
  const world = await openWithCode()
  const live = processOf(world)
  await press(world, live, 'approve-with-pull')
  await pass(world, 20, live)
  return { world, live }
}

describe('approve, with pull request', () => {
  it('writes a grant that ends after the configured hours, and opens one pull request', async () => {
    const { world } = await bridged()
    const { applied, pull } = inStatus(await world.get(), 'confirmed')
    expect(applied.endsAtMs).toBe(NOON + 72 * HOUR)
    expect(JSON.stringify(world.iam.documents.get(BRIDGE))).toContain('"aws:CurrentTime":"2026-11-27T12:00:00Z"')
    expect(world.code.pulls).toMatchObject([
      { branch: branchOf('p-1'), state: 'open', title: 'Allow iam:PassRole on app-task for deployer' },
    ])
    expect(pull).toMatchObject({ state: 'open', number: 1, url: 'https://github.com/acme/orders/pull/1' })
    expect(texts(world)).toContain('Pull request #1 is open: https://github.com/acme/orders/pull/1')
  })

  it('signs that a pull request follows', async () => {
    const { world } = await bridged()
    const [approval] = inStatus(await world.get(), 'confirmed').approvals
    expect(approval?.signed?.decision).toMatchObject({
      schema: 'rolemedic.decision/3',
      kind: 'approve',
      pullRequest: 'with',
      endsAtMs: NOON + 72 * HOUR,
    })
  })

  it('removes the bridge once the merged code is deployed, records it and says so', async () => {
    const { world, live } = await bridged()
    world.code.merge(1)
    await pass(world, 60, live)
    expect(inStatus(await world.get(), 'confirmed').pull?.state).toBe('merged')
    expect(world.iam.documents.has(BRIDGE)).toBe(true)
    deploy(world, await world.get())
    await pass(world, 60, live)
    const { pull, reverted } = inStatus(await world.get(), 'reverted')
    expect(pull?.state).toBe('merged')
    expect(reverted.by.id).toBe('rolemedic')
    expect(world.iam.documents.has(BRIDGE)).toBe(false)
    expect(await kindsOf(world)).toEqual([
      'approved',
      'apply-intended',
      'applied',
      'pull-open',
      'confirmed',
      'pull-merged',
      'revert-intended',
      'reverted',
    ])
    expect(texts(world)).toContain('The grant is removed before its end: the request is allowed without it.')
    expect(texts(world).filter(text => text.startsWith('Pull request #1 is merged.'))).toHaveLength(1)
  })

  it('keeps the bridge where the grant of a deploy is gone again after its rollback', async () => {
    const { world, live } = await bridged()
    deploy(world, await world.get())
    await pass(world, 8, live)
    const before = inStatus(await world.get(), 'confirmed')
    for (const key of world.iam.documents.keys()) if (key.endsWith(' app')) world.iam.documents.delete(key)
    await pass(world, 60, live)
    expect(before.pull?.coveredSinceMs ?? NOON).toBeGreaterThan(0)
    expect(inStatus(await world.get(), 'confirmed').pull?.coveredSinceMs).toBeNull()
    expect(world.iam.documents.has(BRIDGE)).toBe(true)
  })

  it('keeps the bridge while the policies cannot be read', async () => {
    const { world, live } = await bridged()
    deploy(world, await world.get())
    const blind = processOf(world, (call, moment) => {
      if (call === 'analyze' && moment === 'before') throw new Error('throttled')
    })
    await pass(world, 60, blind)
    expect(world.iam.documents.has(BRIDGE)).toBe(true)
    await pass(world, 60, live)
    expect(world.iam.documents.has(BRIDGE)).toBe(false)
  })

  it('does not take another grant that ends for the code', async () => {
    const { world, live } = await bridged()
    const own = world.iam.documents.get(BRIDGE)
    if (own !== undefined)
      world.iam.documents.set('role-inline-policy arn:aws:iam::111122223333:role/deployer other', own)
    await pass(world, 60, live)
    expect(world.iam.documents.has(BRIDGE)).toBe(true)
  })

  it('ends at its time where nobody merges, after two reminders, and leaves the pull request open', async () => {
    const { world, live } = await bridged()
    await pass(world, 71 * 60, live, 10)
    expect(world.iam.documents.has(BRIDGE)).toBe(true)
    const reminders = texts(world).filter(text => text.includes('is not merged'))
    expect(reminders).toEqual([
      'In 24 h the grant ends, and pull request #1 is not merged: from then on the request is denied again. https://github.com/acme/orders/pull/1',
      'In 4 h the grant ends, and pull request #1 is not merged: from then on the request is denied again. https://github.com/acme/orders/pull/1',
    ])
    expect(world.code.pulls[0]?.comments).toHaveLength(2)
    await pass(world, 120, live, 5)
    expect(inStatus(await world.get(), 'reverted').reverted.by.id).toBe('rolemedic')
    expect(world.iam.documents.has(BRIDGE)).toBe(false)
    expect(world.code.pulls[0]).toMatchObject({
      state: 'open',
      body: expect.stringContaining('Until this is deployed,'),
    })
    expect(texts(world)).toContain('The grant has ended and is removed.')
  })

  it('closes the pull request and deletes its branch when a person reverts', async () => {
    const { world, live } = await bridged()
    await press(world, live, 'revert')
    await pass(world, 10, live)
    expect(inStatus(await world.get(), 'reverted').pull?.state).toBe('closed')
    expect(world.code.pulls).toMatchObject([
      { state: 'closed', comments: ['`Closed by rolemedic: the audit log says why.`'] },
    ])
    expect(world.code.branches.has(branchOf('p-1'))).toBe(false)
  })

  it('says that a person closed the pull request, and lets the bridge end at its time', async () => {
    const { world, live } = await bridged()
    const [pull] = world.code.pulls
    if (pull !== undefined) pull.state = 'closed'
    await pass(world, 30, live)
    expect(texts(world)).toContain(
      'Pull request #1 is closed, and was not merged. The grant ends 2026-11-27 12:00 UTC, by itself.',
    )
    expect(world.code.pulls).toHaveLength(1)
  })
})

describe('pull request only', () => {
  it('writes nothing to IAM, and opens the pull request', async () => {
    const world = await openWithCode()
    const live = processOf(world)
    await press(world, live, 'pull-only')
    await pass(world, 30, live)
    const { rejection, pull } = inStatus(await world.get(), 'rejected')
    expect(rejection.signed?.decision).toMatchObject({
      schema: 'rolemedic.decision/3',
      kind: 'reject',
      pullRequest: 'only',
    })
    expect(pull).toMatchObject({ state: 'open', number: 1 })
    expect(world.iam.writes).toEqual([])
    expect(await kindsOf(world)).toEqual(['rejected', 'pull-open'])
  })

  it('is open in the mode recommend, in which nothing can be approved', async () => {
    const world = await openWithCode()
    const live = world.process(undefined, { ...BRIDGE_CONFIG, mode: 'recommend' })
    await press(world, live, 'approve-with-pull')
    expect((await world.get()).status).toBe('open')
    await press(world, live, 'pull-only')
    await pass(world, 10, live)
    expect(world.code.pulls).toHaveLength(1)
    expect(world.iam.writes).toEqual([])
  })

  it('is closed in the mode observe', async () => {
    const world = await openWithCode()
    await press(world, world.process(undefined, { ...BRIDGE_CONFIG, mode: 'observe' }), 'pull-only')
    expect((await world.get()).status).toBe('open')
  })
})

describe('where something is wrong with the chat', () => {
  const MERGED = 'Pull request #1 is merged.'
  async function merged() {
    const world = await openWithCode()
    const live = processOf(world)
    await press(world, live, 'pull-only')
    await pass(world, 10, live)
    world.code.merge(1)
    return { world, live }
  }

  it('says after an outage that the pull request was merged in it, in thread and log, once', async () => {
    const { world, live } = await merged()
    world.chat.down = CHAT_OUTAGE
    await pass(world, 60, live)
    expect(inStatus(await world.get(), 'rejected').pull?.state).toBe('merged')
    world.chat.down = null
    await pass(world, 60, live)
    expect(texts(world).filter(text => text === MERGED)).toHaveLength(1)
    expect(await kindsOf(world)).toEqual(['rejected', 'pull-open', 'pull-merged'])
    expect((await world.get()).dueAtMs).toBeNull()
  })

  it('says it after an outage of the audit log, too', async () => {
    const { world, live } = await merged()
    const silent = processOf(world, (call, moment) => {
      if (call === 'objects.create' && moment === 'before') throw new Error('the bucket does not answer')
    })
    await pass(world, 60, silent)
    expect(texts(world)).not.toContain(MERGED)
    await pass(world, 60, live)
    expect(texts(world).filter(text => text === MERGED)).toHaveLength(1)
    expect(await kindsOf(world)).toEqual(['rejected', 'pull-open', 'pull-merged'])
  })

  it('updates the card after the outage, where the thread was told before', async () => {
    const { world, live } = await merged()
    const { update } = world.chat
    world.chat.update = async () => {
      throw CHAT_OUTAGE
    }
    await pass(world, 60, live)
    expect(texts(world)).toContain(MERGED)
    world.chat.update = update
    world.chat.cards.clear()
    await pass(world, 60, live)
    expect(world.chat.cards.size).toBe(1)
    expect(texts(world).filter(text => text === MERGED)).toHaveLength(1)
    expect((await world.get()).dueAtMs).toBeNull()
  })

  it('reminds of the end of a grant after the outage, with the time that is left, once', async () => {
    const { world, live } = await bridged()
    await pass(world, 47 * 60, live, 10)
    world.chat.down = CHAT_OUTAGE
    await pass(world, 180, live, 10)
    world.chat.down = null
    await pass(world, 180, live, 10)
    const reminders = texts(world).filter(text => text.includes('is not merged'))
    expect(reminders).toEqual([
      'In 22 h the grant ends, and pull request #1 is not merged: from then on the request is denied again. https://github.com/acme/orders/pull/1',
    ])
    expect(world.code.pulls[0]?.comments).toHaveLength(1)
  })

  it('gives up where the chat refuses it for a day after the deadline of the card', async () => {
    const { world, live } = await merged()
    world.chat.down = CHAT_REFUSAL
    await pass(world, 60, live)
    expect((await world.get()).dueAtMs).not.toBeNull()
    await pass(world, 40 * 60, live, 10)
    expect((await world.get()).dueAtMs).toBeNull()
    expect(await kindsOf(world)).toEqual(['rejected', 'pull-open', 'pull-merged'])
  })
})

describe('where something is wrong with the host', () => {
  const withHost = async (fault: (call: string) => Error | null) => {
    const world = await openWithCode()
    const live = processOf(world, (call, moment) => {
      const error = moment === 'before' ? fault(call) : null
      if (error !== null) throw error
    })
    await press(world, live, 'approve-with-pull')
    await pass(world, 30, live)
    return world
  }

  it.each(['missing', 'protected', 'forbidden', 'unauthorized', 'moved', 'invalid'] as const)(
    'says once that it is %s, and the grant stands',
    async problem => {
      const { HostError } = await import('../../functions/ports/git/code-host.ts')
      const world = await withHost(call => (call === 'host.head' ? new HostError(problem, `it is ${problem}`) : null))
      expect(texts(world).filter(text => text.includes(`it is ${problem}`))).toHaveLength(1)
      expect(inStatus(await world.get(), 'confirmed').pull?.state).toBe('failed')
      expect(world.iam.documents.has(BRIDGE)).toBe(true)
      // The access was set up meanwhile, so it is tried again within the hour.
      await pass(world, 120, processOf(world))
      expect(world.code.pulls).toMatchObject([{ state: 'open' }])
    },
  )

  it('waits as long as the host says, and goes on', async () => {
    const { HostError } = await import('../../functions/ports/git/code-host.ts')
    let calls = 0
    const world = await withHost(call => {
      if (!call.startsWith('host.')) return null
      calls += 1
      return calls === 1 ? new HostError('rate-limited', 'too many requests', { retryAfterMs: 10 * MINUTE }) : null
    })
    expect(texts(world).filter(text => text.includes('too many requests'))).toHaveLength(1)
    expect(world.code.pulls).toMatchObject([{ state: 'open' }])
  })
})
