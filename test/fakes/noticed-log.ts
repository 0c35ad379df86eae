/** A signed audit log in memory, with one record of each kind that has a notice. */
import { auditLog } from '../../functions/adapters/aws/audit-log/append-to-chain.ts'
import { type AuditStep, entryFor } from '../../functions/domain/audit/audit-entry.ts'
import type { Notice } from '../../functions/domain/messages/notice.ts'
import { sendNotices } from '../../functions/sweep/send-notices.ts'
import { memoryObjects } from './memory-audit-objects.ts'
import { CONFIG } from './memory-bot.ts'
import { memoryChat } from './memory-chat.ts'
import { memoryStore } from './memory-store.ts'
import { CARD, NOON } from './sample-proposal.ts'
import { ANA, BEN, SIGNING, signedEntry } from './signed-log.ts'
import { decisionAbout, KEYS, signedBy } from './signing.ts'
import { IDENTITY_CHANGE, proposalWith } from './two-sided.ts'

const PROPOSAL = proposalWith([IDENTITY_CHANGE], { id: 'p-1', card: CARD })
const MINUTE = 60_000

const answered = (kind: 'ratified' | 'not-ratified', reason: string | null): AuditStep => {
  const facts = { by: BEN, atMs: NOON + 9 * MINUTE, reason }
  const decision = signedBy(decisionAbout(PROPOSAL, { ...facts, kind: kind === 'ratified' ? 'ratify' : 'not-ratify' }))
  return { kind: 'confirmed', of: kind, atMs: facts.atMs, by: BEN, why: reason ?? kind, life: { kind, decision } }
}

export const STEPS: { readonly [kind: string]: AuditStep } = {
  approved: { kind: 'approved', atMs: NOON, by: ANA, why: 'approved' },
  applied: { kind: 'applied', atMs: NOON + MINUTE, why: 'written and read back', requestIds: ['request-1'] },
  reverted: { kind: 'reverted', atMs: NOON + 2 * MINUTE, by: ANA, why: 'what was written was removed' },
  expired: { kind: 'expired', atMs: NOON + 3 * MINUTE, why: 'nobody decided in time' },
  'break-glass': { kind: 'break-glass', atMs: NOON + 4 * MINUTE, by: ANA, why: 'production is down' },
  ratified: answered('ratified', null),
  'not-ratified': answered('not-ratified', 'another role was enough'),
  forged: {
    kind: 'forged',
    atMs: NOON + 5 * MINUTE,
    why: 'the approve by U0ONCALL1 does not carry a signature of decide',
  },
}

export function noticedLog() {
  const objects = memoryObjects()
  const store = memoryStore()
  const [plain, signed] = [auditLog(objects, store), auditLog(objects, store, { signing: SIGNING })]
  const notices: Notice[] = []
  const logged: string[] = []
  const topic = { down: false }
  const config = { accounts: { '111122223333': { alias: 'orders-prod' } } }
  const deps = {
    ...{ store, audit: plain, keys: KEYS, config: { ...CONFIG, ...config } },
    chat: memoryChat(),
    observer: { log: (_: string, name: string) => void logged.push(name), count: () => {} },
    notifier: {
      async publish(notice: Notice) {
        if (topic.down) throw new Error('the topic is down')
        notices.push(notice)
      },
    },
  }
  return {
    ...{ notices, logged, topic, store },
    send: () => sendNotices(deps),
    append: (step: AuditStep, by: 'verify' | 'others' = 'others') =>
      (by === 'verify' ? signed : plain).append(signedEntry(PROPOSAL, step)),
    appendBare: (step: AuditStep) => plain.append(entryFor(PROPOSAL, step, 'test')),
  }
}

/** In the order of `STEPS`. */
export async function sampleNotices(): Promise<readonly Notice[]> {
  const log = noticedLog()
  await log.send()
  for (const step of Object.values(STEPS))
    await log.append(step, step.kind === 'applied' || step.kind === 'reverted' ? 'verify' : 'others')
  await log.send()
  return log.notices
}
