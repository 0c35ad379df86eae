import { utc } from '../../core/base/index.ts'
import type { AuditRecord } from '../domain/audit/index.ts'
import { type AppliedMode, type Config, modeInWords } from '../domain/config/index.ts'
import type { ChatMessage, LinkedLine } from '../domain/messages/index.ts'
import { type Proposal, postedCardOf, refusalOf, whatHappened } from '../domain/proposal/index.ts'
import { isItemUnreadable } from '../domain/stored/index.ts'
import type { AccountUnits } from '../ports/access-reader.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import type { AnswerRenderer } from '../ports/renderer.ts'
import { decidingMode, withoutFaults } from '../workflows/approval/account-mode.ts'
import { approvalSummaryOf } from '../workflows/approval/approval-summary.ts'
import { viewRefusal } from '../workflows/approval/viewers.ts'
import type { OpenCardsDeps } from '../workflows/home/open-cards.ts'
import type { Asker } from './ask-self-test.ts'

type Deps = {
  readonly store: OpenCardsDeps['store'] & Pick<ProposalStore, 'get'>
  readonly chat: Pick<Chat, 'groupMembers' | 'userByEmail' | 'membership' | 'permalink'>
  readonly units: AccountUnits
  readonly renderer: AnswerRenderer
  readonly config: Config
  readonly audit: Pick<AuditLog, 'latest'>
  readonly clock: Clock
  /** Absent: where the bot runs without AWS. */
  readonly trySelf?: (asker: Asker) => Promise<readonly LinkedLine[]>
}

const HELP = `What /rolemedic answers:
open — what waits for a decision, for its change, or for a person
show ID — one proposal: what was denied, why, what happened
audit [principal or role] — the latest records of the audit log
doctor — whether each function may do what its work needs, tried now
help — this text`

/** For the person who asks. Other errors are thrown. */
export function whereUnreadable(error: unknown): string {
  if (!isItemUnreadable(error)) throw error
  return 'The record of this proposal cannot be read. The administrators of rolemedic have been alerted.'
}

const MAX_RECORDS = 10
/** Slack waits 3 s for the whole answer. */
const SEARCH_MS = 1_500

export type SlashCommand = Asker & { readonly text: string }

export async function answerCommand(command: SlashCommand, deps: Deps): Promise<ChatMessage> {
  const { config, chat, renderer, clock } = deps
  const { by, text, conversation } = command
  const refusal = await viewRefusal(by.id, config, chat)
  if (refusal !== null) return renderer.lines(unlinked(refusal))
  const [verb = 'help', ...rest] = text.trim().split(/\s+/).filter(Boolean)
  if (verb.toLowerCase() !== 'open' || rest.length > 0)
    return renderer.lines(await inLines({ by, conversation }, verb, rest, deps))
  const { gatherOpen } = await import('../workflows/home/open-cards.ts')
  return renderer.lists(await gatherOpen(by.id, clock(), deps))
}

async function inLines(
  asker: Asker,
  verb: string,
  rest: readonly string[],
  deps: Deps,
): Promise<readonly LinkedLine[]> {
  switch (verb.toLowerCase()) {
    case 'open':
      return unlinked(`“open” takes no arguments.\n${HELP}`)
    case 'show':
      return show(rest[0] ?? '', deps)
    case 'audit':
      return unlinked(await searchAudit(rest.join(' '), deps))
    case 'doctor':
      return (await deps.trySelf?.(asker)) ?? unlinked('There is nothing to try: this bot runs without AWS.')
    case 'help':
      return unlinked(HELP)
    default:
      return unlinked(`There is no “${verb.slice(0, 40)}”.\n${HELP}`)
  }
}

const unlinked = (text: string): readonly LinkedLine[] => text.split('\n').map(line => ({ text: line, link: null }))

async function linkOf(proposal: Proposal, { chat }: Deps): Promise<string | null> {
  const card = postedCardOf(proposal)
  const link = card === null ? null : await chat.permalink(card)
  return link?.known === true ? link.value : null
}

const modeOf = (proposal: Proposal, { config, units }: Deps): Promise<AppliedMode> =>
  decidingMode(proposal, { config, units: withoutFaults(units) })

async function show(id: string, deps: Deps): Promise<readonly LinkedLine[]> {
  const { store, config, chat, clock } = deps
  if (id === '') return unlinked('Which one? Write: show ID')
  const proposal = await store.get(id.slice(0, 64)).catch(whereUnreadable)
  if (typeof proposal === 'string') return unlinked(proposal)
  if (proposal === null) return unlinked(`There is no proposal ${id.slice(0, 64)}.`)
  const { denial, diagnosis, patch, verification } = proposal
  const refusal = refusalOf(proposal)
  const { needed } = await approvalSummaryOf(proposal, config, chat, clock())
  const mode = await modeOf(proposal, deps)
  const targets = (patch?.changes ?? []).map(({ target }) => `${target.kind} of ${target.arn}`)
  const rest = [
    `Denied: ${denial.action} on ${denial.resource ?? 'no role named'} by ${callerNameOf(proposal)}`,
    `Why (${diagnosis.verdict}): ${diagnosis.summary}`,
    ...(targets.length === 0 ? [] : [`Change: ${targets.join('; ')}`]),
    ...(patch === null ? [] : [`Patch digest: ${patch.digest}`]),
    ...(verification === null ? [] : [`Risk: ${verification.risk}; approvers needed: ${needed}`]),
    ...(refusal === null ? [] : [`No change: ${refusal.message}`]),
    ...(mode.mode === 'approve' ? [] : [`Nobody can approve here: ${modeInWords(mode)}.`]),
    whatHappened(proposal),
  ]
  const first = { text: `${proposal.id}: ${proposal.status}`, link: await linkOf(proposal, deps) }
  return [first, ...unlinked(rest.join('\n'))]
}

async function searchAudit(wanted: string, { audit, clock }: Deps): Promise<string> {
  const deadlineMs = clock() + SEARCH_MS
  const found: AuditRecord[] = []
  let complete = true
  for await (const record of audit.latest()) {
    if (isAbout(record, wanted)) found.push(record)
    complete = clock() <= deadlineMs
    if (!complete || found.length === MAX_RECORDS) break
  }
  const lines = found.map(recordLine)
  if (!complete) lines.push('The search ran out of time: use “rolemedic audit list”.')
  return lines.length === 0 ? 'No record matches.' : lines.join('\n')
}

/** Ten lines fit into one answer. */
const MAX_WHY_CHARS = 160

/** Only the first line: a first record lists evidence, a drift whole policies. */
function recordLine({ sequence, entry }: AuditRecord): string {
  const why = entry.why.split('\n', 1).join('')
  const short = why.length > MAX_WHY_CHARS ? `${why.slice(0, MAX_WHY_CHARS - 1)}…` : why
  const by = entry.by === null ? '' : ` by ${entry.by.name} (${entry.by.id})`
  return `${sequence}  ${utc(entry.atMs)}  ${entry.kind}${by}  ${entry.proposalId ?? ''}  ${short}`
}

function isAbout({ entry }: AuditRecord, wanted: string): boolean {
  if (wanted === '') return true
  const needle = wanted.toLowerCase()
  return [entry.principal, entry.resource, entry.proposalId].some(text => text?.toLowerCase().includes(needle))
}

const callerNameOf = ({ denial }: Proposal): string =>
  denial.principal.arn ?? denial.principal.name ?? 'an unnamed caller'
