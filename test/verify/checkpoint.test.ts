import { describe, expect, it } from 'vitest'
import { RolemedicError } from '../../core/base/fault.ts'
import { renderNotice } from '../../functions/adapters/slack/blocks/notice-card.ts'
import { parseCheckpoints } from '../../functions/domain/audit/checkpoint.ts'
import { checkLog } from '../../functions/domain/audit/verify-log.ts'
import type { Notice } from '../../functions/domain/messages/notice.ts'
import { type CheckpointDeps, makeCheckpoint } from '../../functions/verify/checkpoint.ts'
import { linesIn } from '../card-text.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { type SignedLog, signedLog, storedIn } from '../fakes/signed-log.ts'
import { RING, signerOf } from '../fakes/signing.ts'

const DAWN = Date.UTC(2026, 10, 25, 6, 17)

type Posted = { readonly channel: string; readonly text: string; readonly key: string }

async function fixture(over: Partial<CheckpointDeps> = {}) {
  const log = await signedLog()
  const posted: Posted[] = []
  const replies: { readonly message: string; readonly text: string; readonly key: string }[] = []
  const published: Notice[] = []
  const counted: string[] = []
  const { renderer } = memoryBot()
  const deps: CheckpointDeps = {
    audit: log,
    signer: signerOf('attestations'),
    notifier: { publish: async notice => void published.push(notice) },
    chat: {
      async post(channel, { text }, key) {
        posted.push({ channel, text, key })
        return { conversation: channel, message: '1.0' }
      },
      async reply({ message }, { text, blocks }, { key = '' } = {}) {
        replies.push({ message, text: [text, ...linesIn(blocks)].join('\n'), key })
        return { conversation: 'C0AUDIT', message: '1.1' }
      },
    },
    renderer: { ...renderer, notice: renderNotice },
    config: { channel: 'C0DEPLOYS', auditChannel: 'C0AUDIT' },
    clock: () => DAWN,
    observer: { log() {}, count: metric => void counted.push(metric) },
    ...over,
  }
  return { log, posted, replies, published, counted, checkpoint: makeCheckpoint(deps) }
}

const heldAgainst = async (log: SignedLog, message: string) => {
  const checkpoints = parseCheckpoints(message)
  if (!checkpoints.ok) throw new Error(checkpoints.error)
  return checkLog({
    stored: await storedIn(log),
    head: null,
    findings: [],
    keys: RING,
    checkpoints: checkpoints.value,
  })
}

describe('the daily checkpoint', () => {
  it('goes to the topic and the audit channel, each time as something that verify reads', async () => {
    const { log, posted, replies, published, counted, checkpoint } = await fixture()
    const signed = await checkpoint()
    expect(signed?.checkpoint).toEqual({
      schema: 'rolemedic.checkpoint/1',
      sequence: 13,
      hash: (await log.head())?.hash,
      atMs: DAWN,
    })
    expect(posted.map(({ channel, key }) => [channel, key])).toEqual([['C0AUDIT', 'checkpoint/2026-11-25']])
    expect(published.map(({ subject }) => subject)).toEqual(['rolemedic: audit log checkpoint of 2026-11-25'])
    expect(posted.map(({ text }) => text)).toEqual([
      'Audit log checkpoint of 2026-11-25: the log ends at record 13; the signed file for rolemedic audit verify --checkpoint FILE is in the thread.',
    ])
    expect(replies.map(({ message, key }) => [message, key])).toEqual([['1.0', 'checkpoint/2026-11-25/file']])
    for (const text of [replies[0]?.text, published[0]?.text, JSON.stringify(published[0]?.detail)])
      expect(await heldAgainst(log, text ?? '')).toMatchObject({ intact: true, checkpoints: 1 })
    for (const sequence of [13, 12]) log.texts.delete(sequence)
    expect((await heldAgainst(log, replies[0]?.text ?? '')).findings).toMatchObject([
      { kind: 'truncated', sequence: 12 },
    ])
    expect(counted).toEqual(['Checkpoints'])
  })

  it('goes to the channel for cards where there is none for it', async () => {
    const { posted, checkpoint } = await fixture({ config: { channel: 'C0DEPLOYS', auditChannel: null } })
    await checkpoint()
    expect(posted.map(({ channel }) => channel)).toEqual(['C0DEPLOYS'])
  })

  it('signs the end that the records lead to, also where the stored head is behind', async () => {
    const { log, checkpoint } = await fixture()
    log.texts.set(14, 'garbage')
    expect((await checkpoint())?.checkpoint.sequence).toBe(13)
  })

  it('of an empty log is none, and that is no fault', async () => {
    const { posted, counted, checkpoint } = await fixture({ audit: { last: async () => null } })
    expect(await checkpoint()).toBe(null)
    expect({ posted, counted }).toEqual({ posted: [], counted: ['Checkpoints'] })
  })

  it('of a broken log is none: it fails, and nothing is counted', async () => {
    const broken = new RolemedicError('audit-broken', 'record 000000000013.json is missing')
    const { posted, counted, checkpoint } = await fixture({ audit: { last: async () => Promise.reject(broken) } })
    await expect(checkpoint()).rejects.toBe(broken)
    expect({ posted, counted }).toEqual({ posted: [], counted: [] })
  })

  it.each(['notifier', 'chat'] as const)(
    'reaches the one when the other fails, and fails for a retry: %s',
    async down => {
      const failing = async () => Promise.reject(new Error('down'))
      const { posted, published, counted, checkpoint } = await fixture(
        down === 'chat' ? { chat: { post: failing, reply: failing } } : { notifier: { publish: failing } },
      )
      await expect(checkpoint()).rejects.toThrow('down')
      expect([posted.length, published.length]).toEqual(down === 'chat' ? [0, 1] : [1, 0])
      expect(counted).toEqual([])
    },
  )
})
