import { known } from '../../core/base/fact.ts'
import { RolemedicError } from '../../core/base/fault.ts'
import { asPlainText } from '../../core/base/rich-text.ts'
import { renderCode } from '../../functions/adapters/slack/blocks/code.ts'
import type { DecideDeps } from '../../functions/decide/decide.ts'
import type { AuditEntry, AuditRecord } from '../../functions/domain/audit/audit-record.ts'
import { sameEntry } from '../../functions/domain/audit/same-entry.ts'
import type { NoticeCard } from '../../functions/domain/card/grants/notice-card.ts'
import { type BotConfig, botConfigSchema, type Config } from '../../functions/domain/config/config.ts'
import { passkeyRuleOf } from '../../functions/domain/config/passkey-rule.ts'
import { alertText } from '../../functions/domain/deploy/deploy-alert.ts'
import type { Home } from '../../functions/domain/home/home.ts'
import type { LinkedLine } from '../../functions/domain/messages/chat-message.ts'
import { approvalsOf } from '../../functions/domain/proposal/proposal.ts'
import type { Work } from '../../functions/domain/proposal/work.ts'
import type { AuditLog } from '../../functions/ports/audit-log.ts'
import type { Observer } from '../../functions/ports/observer.ts'
import type { AnswerRenderer, FormRenderer, HomeRenderer, Renderer } from '../../functions/ports/renderer.ts'
import type { WorkQueue } from '../../functions/ports/work-queue.ts'
import type { SweepDeps } from '../../functions/sweep/sweep.ts'
import { makePressed, type PressedDeps } from '../../functions/workflows/approval/carry-out-decision.ts'
import { sendWork } from '../../functions/workflows/send-work.ts'
import { FAKE_APP, FAKE_WORKSPACE } from '../../simulator/slack-requests.ts'
import { type MemoryChat, memoryChat } from './memory-chat.ts'
import { type MemoryLedger, memoryLedger } from './memory-ledger.ts'
import { type MemoryStore, memoryStore } from './memory-store.ts'
import { ORIGIN } from './passkeys.ts'
import { NOON } from './sample-proposal.ts'
import { DEPLOYMENT, KEYS, signerOf } from './signing.ts'

export type MemoryAudit = AuditLog & { readonly entries: AuditEntry[]; down: Error | null }
export type MemoryQueue = WorkQueue & {
  readonly sent: { work: Work; group: string | undefined; deduplicationId: string | undefined }[]
  down: Error | null
}

export type MemoryBot = Omit<DecideDeps & SweepDeps, 'store' | 'chat' | 'audit' | 'queue' | 'ledger'> & {
  readonly ledger: MemoryLedger
  readonly store: MemoryStore
  readonly chat: MemoryChat
  readonly audit: MemoryAudit
  readonly queue: MemoryQueue
  readonly sleep: (ms: number) => Promise<void>
  /** Sets the clock, also to an earlier time. */
  setNow(ms: number): void
}

/** IAM has always settled, but for the tests that say otherwise. */
export const CONFIG: BotConfig = botConfigSchema.parse({
  settleSeconds: 0,
  mode: 'approve',
  channel: 'C0DEPLOYS',
  approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
})

/** The channel if a test does not set one. */
export const posting = (config: Config): BotConfig => ({ channel: 'C0DEPLOYS', ...config })

/** What `decide` and `sweep` need, in memory, with a clock that the test controls. A card contains the status and the approvers. */
export function memoryBot(given: Config = CONFIG): MemoryBot {
  const config = posting(given)
  let nowMs = NOON
  return {
    store: memoryStore({ clock: () => nowMs }),
    chat: memoryChat(),
    units: async () => known([]),
    audit: memoryAudit(),
    queue: memoryQueue(),
    renderer: { ...PLAIN, code: renderCode },
    config,
    clock: () => nowMs,
    sleep: async () => {},
    observer: QUIET,
    botVersion: 'test',
    keys: KEYS,
    signer: signerOf('decisions'),
    workspace: FAKE_WORKSPACE,
    appId: FAKE_APP,
    deploymentId: DEPLOYMENT,
    ledger: memoryLedger(),
    passkeys: passkeyRuleOf(config, ORIGIN),
    postCard: async () => {},
    setNow: ms => {
      nowMs = ms
    },
  }
}

/** Delivers every press to `verify`. What it begins is in the queue. */
export async function follow(bot: PressedBot): Promise<void> {
  const begin = async (proposalId: string): Promise<string> => {
    const proposal = await bot.store.get(proposalId)
    if (proposal !== null) await sendWork(proposal, bot.queue)
    return 'begun'
  }
  const pressed = makePressed({ ...bot, verify: begin, revert: begin })
  for (let at = nextPress(bot); at >= 0; at = nextPress(bot)) {
    const work = bot.queue.sent[at]?.work
    if (work?.kind === 'pressed') await pressed(work.proposalId)
    bot.queue.sent.splice(at, 1)
  }
}

const nextPress = ({ queue }: PressedBot): number => queue.sent.findIndex(({ work }) => work.kind === 'pressed')

type PressedBot = Omit<MemoryBot, 'chat'> & { readonly chat: MemoryBot['chat'] | PressedDeps['chat'] }

function memoryAudit(): MemoryAudit {
  const entries: AuditEntry[] = []
  const record = (entry: AuditEntry, index: number): AuditRecord => ({
    schema: 'rolemedic.audit/1',
    sequence: index + 1,
    previousHash: null,
    entry,
    hash: '',
  })
  const audit: MemoryAudit = {
    entries,
    down: null,
    async append(entry) {
      if (audit.down !== null) throw audit.down
      const at = entries.findIndex(each => each.key === entry.key)
      const earlier = entries[at]
      if (earlier !== undefined && !sameEntry(earlier, entry))
        throw new RolemedicError('audit-conflict', `${entry.key} says something else`)
      if (earlier !== undefined) return record(earlier, at)
      entries.push(entry)
      return record(entry, entries.length - 1)
    },
    async appendAll(all) {
      const records: AuditRecord[] = []
      for (const entry of all) records.push(await audit.append(entry))
      return records
    },
    async last() {
      const last = entries.at(-1)
      return last === undefined ? null : record(last, entries.length - 1)
    },
    async *records() {
      for (const [index, entry] of entries.entries()) yield record(entry, index)
    },
    async *latest() {
      for (const [index, entry] of [...entries.entries()].reverse()) yield record(entry, index)
    },
  }
  return audit
}

function memoryQueue(): MemoryQueue {
  const queue: MemoryQueue = {
    sent: [],
    down: null,
    async send(work, options) {
      if (queue.down !== null) throw queue.down
      const deduplicationId = options?.deduplicationId
      const again = deduplicationId !== undefined && queue.sent.some(each => each.deduplicationId === deduplicationId)
      if (!again) queue.sent.push({ work, group: options?.group, deduplicationId })
    },
  }
  return queue
}

const QUIET: Observer = { log: () => {}, count: () => {} }

const noticeText = ({ headline, buttons }: NoticeCard): string =>
  [asPlainText(headline), ...buttons.map(({ label }) => `[${label}]`)].join(' ')

const PLAIN: Renderer & FormRenderer & HomeRenderer & AnswerRenderer = {
  async card(proposal) {
    const approvers = approvalsOf(proposal).map(({ by }) => by.id)
    return { text: `${proposal.status} ${approvers.join(',')}`.trim(), blocks: [] }
  },
  evidence: async () => ({ text: 'evidence', blocks: [] }),
  notice: card => ({ text: noticeText(card), blocks: [] }),
  form: (form, proposal) => ({ form, proposalId: proposal.id }),
  home: home => home,
  lines: lines => ({ text: lines.map(withLink).join('\n'), blocks: [] }),
  lists: home => ({ text: listsText(home).join('\n'), blocks: [] }),
  alert: alert => ({ text: alertText(alert), blocks: [] }),
  text: (text, mention = []) => ({ text: [...mention.map(id => `@${id}`), text].join(' '), blocks: [] }),
}

const listsText = ({ notices, sections }: Home): readonly string[] => [
  ...notices.map(asPlainText),
  ...sections.flatMap(({ title, items, notes }) => [
    `${title}:`,
    ...items.map(item =>
      withLink({ text: `${asPlainText(item.title)} | ${asPlainText(item.detail)}`, link: item.link }),
    ),
    ...notes.map(asPlainText),
  ]),
]

const withLink = ({ text, link }: LinkedLine): string => (link === null ? text : `${text} <${link}>`)
