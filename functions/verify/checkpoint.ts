/**
 * Once a day: the end of the audit log, signed, goes to people who cannot change the log. Later, nobody can cut records off the
 * log or write it again unnoticed, as `rolemedic audit verify --checkpoint` holds it against what they have.
 */
import { richText } from '../../core/base/index.ts'
import { checkpointBytes, checkpointOf, type SignedCheckpoint } from '../domain/audit/index.ts'
import type { BotConfig } from '../domain/config/index.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Notifier } from '../ports/notifier.ts'
import type { Observer } from '../ports/observer.ts'
import type { Renderer } from '../ports/renderer.ts'
import type { Signer } from '../ports/signer.ts'

export type CheckpointDeps = {
  readonly audit: Pick<AuditLog, 'last'>
  readonly signer: Signer
  readonly notifier: Notifier
  readonly chat: Pick<Chat, 'post' | 'reply'>
  readonly renderer: Pick<Renderer, 'text' | 'notice'>
  readonly config: Pick<BotConfig, 'auditChannel' | 'channel'>
  readonly clock: Clock
  readonly observer: Observer
}

/** Null: the log is empty. A repeat on the same day posts nothing more to Slack. */
export function makeCheckpoint(deps: CheckpointDeps): () => Promise<SignedCheckpoint | null> {
  return async () => {
    const signed = await signEnd(deps)
    if (signed !== null) await publish(signed, deps)
    deps.observer.log('info', 'checkpoint_made', { sequence: signed?.checkpoint.sequence ?? null })
    deps.observer.count('Checkpoints')
    return signed
  }
}

/** Null: the log is empty. Throws where the log is broken: what is signed was read back from the stored head. */
export async function signEnd({
  audit,
  signer,
  clock,
}: Pick<CheckpointDeps, 'audit' | 'signer' | 'clock'>): Promise<SignedCheckpoint | null> {
  const last = await audit.last()
  if (last === null) return null
  const checkpoint = checkpointOf(last, clock())
  return { checkpoint, signature: await signer.sign(checkpointBytes(checkpoint)) }
}

/** One of the two failing does not keep the other from it; the failure is thrown afterwards, for a retry. */
async function publish(signed: SignedCheckpoint, deps: CheckpointDeps): Promise<void> {
  const { sequence, atMs } = signed.checkpoint
  const day = new Date(atMs).toISOString().slice(0, 10)
  const json = JSON.stringify(signed)
  const subject = `rolemedic: audit log checkpoint of ${day}`
  const about = `Audit log checkpoint of ${day}: the log ends at record ${sequence}. Keep it; rolemedic audit verify --checkpoint FILE holds the log against it.`
  const outcomes = await Promise.allSettled([
    deps.notifier.publish({ subject, text: `${about}\n\n${json}`, detail: signed }),
    post(day, sequence, json, deps),
  ])
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

/** One sentence, with the file to copy in its thread: uploading one takes a right that nothing else here needs. */
async function post(day: string, sequence: number, json: string, deps: CheckpointDeps): Promise<void> {
  const { chat, renderer, config } = deps
  const key = `checkpoint/${day}`
  const sentence = `Audit log checkpoint of ${day}: the log ends at record ${sequence}; the signed file for rolemedic audit verify --checkpoint FILE is in the thread.`
  const root = await chat.post(config.auditChannel ?? config.channel, renderer.text(sentence), key)
  const file = await renderer.notice({
    ...{ id: key, tone: 'information', headline: richText`${`checkpoint-${day}.json`}`, buttons: [] },
    lines: [richText`Keep it where nobody who can change the log can change it.`],
    code: json,
  })
  await chat.reply(root, file, { key: `${key}/file` })
}
