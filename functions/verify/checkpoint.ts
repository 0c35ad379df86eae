/**
 * Once a day: the end of the audit log, signed, goes to people who cannot change the log. Later, nobody can cut records off the
 * log or write it again unnoticed, as `rolemedic audit verify --checkpoint` holds it against what they have.
 */
import { checkpointBytes, checkpointOf, recordName, type SignedCheckpoint } from '../domain/audit/index.ts'
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
  readonly chat: Pick<Chat, 'post'>
  readonly renderer: Pick<Renderer, 'text'>
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
  const { notifier, chat, renderer, config } = deps
  const { sequence, atMs } = signed.checkpoint
  const day = new Date(atMs).toISOString().slice(0, 10)
  const json = JSON.stringify(signed)
  const subject = `rolemedic: audit log checkpoint of ${day}`
  const about = `Audit log checkpoint of ${day}: the log ends at record ${recordName(sequence)}. Keep it; rolemedic audit verify --checkpoint FILE holds the log against it.`
  const outcomes = await Promise.allSettled([
    notifier.publish({ subject, text: `${about}\n\n${json}`, detail: signed }),
    chat.post(config.auditChannel ?? config.channel, renderer.text(`${about}\n${json}`), `checkpoint/${day}`),
  ])
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
