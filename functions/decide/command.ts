import { MINUTE_MS, utc } from '../../core/base/index.ts'
import type { AuditRecord } from '../domain/audit/index.ts'
import { modeInWords } from '../domain/card/index.ts'
import type { AppliedMode, Config } from '../domain/config/index.ts'
import type { LinkedLine, Person } from '../domain/messages/index.ts'
import {
  didNotHelp,
  failureOf,
  type Proposal,
  postedCardOf,
  refusalOf,
  whatHappened,
} from '../domain/proposal/index.ts'
import type { AccountUnits } from '../ports/access-reader.ts'
import type { AuditLog } from '../ports/audit-log.ts'
import type { Chat } from '../ports/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { ProposalStore } from '../ports/proposal-store.ts'
import { decidingMode, withoutFaults } from '../workflows/approval/account-mode.ts'
import { approvalSummaryOf } from '../workflows/approval/approval-summary.ts'
import { viewRefusal } from '../workflows/approval/viewers.ts'

type Deps = {
  readonly store: Pick<ProposalStore, 'get' | 'open'>
  readonly chat: Pick<Chat, 'groupMembers' | 'userByEmail' | 'membership' | 'permalink'>
  readonly units: AccountUnits
  readonly config: Config
  readonly audit: Pick<AuditLog, 'latest'>
  readonly clock: Clock
}

const HELP = `What /rolemedic answers:
open — what waits for a decision, for its change, or for a person
show ID — one proposal: what was denied, why, what happened
audit [principal or role] — the latest records of the audit log
help — this text`

const MAX_OPEN = 20
/** Applied changes are listed too, and filtered out. */
const MAX_READ = 60
const MAX_RECORDS = 10
/** Slack waits 3 s for the whole answer. */
const SEARCH_MS = 1_500

export type SlashCommand = { readonly by: Person; readonly text: string }

export async function answerCommand({ by, text }: SlashCommand, deps: Deps): Promise<readonly LinkedLine[]> {
  const refusal = await viewRefusal(by.id, deps.config, deps.chat)
  if (refusal !== null) return unlinked(refusal)
  const [verb = 'help', ...rest] = text.trim().split(/\s+/).filter(Boolean)
  switch (verb.toLowerCase()) {
    case 'open':
      return rest.length === 0 ? listOpen(deps) : unlinked(`“open” takes no arguments.\n${HELP}`)
    case 'show':
      return show(rest[0] ?? '', deps)
    case 'audit':
      return unlinked(await searchAudit(rest.join(' '), deps))
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

async function listOpen(deps: Deps): Promise<readonly LinkedLine[]> {
  const proposals = (await deps.store.open(MAX_READ)).filter(waits)
  if (proposals.length === 0) return unlinked('Nothing is open.')
  const nowMs = deps.clock()
  const lines = await Promise.all(proposals.slice(0, MAX_OPEN).map(each => line(each, nowMs, deps)))
  return [...lines, ...(proposals.length > MAX_OPEN ? unlinked(`…and more than ${MAX_OPEN} in all.`) : [])]
}

/** A successful change needs nobody any more. */
function waits(proposal: Proposal): boolean {
  return proposal.status !== 'applied' || failureOf(proposal) !== null || didNotHelp(proposal)
}

async function line(proposal: Proposal, nowMs: number, deps: Deps): Promise<LinkedLine> {
  const { id, denial, createdAtMs } = proposal
  const [state, link] = await Promise.all([stateOf(proposal, nowMs, deps), linkOf(proposal, deps)])
  const text = `${id}  ${state}  ${denial.action}  ${callerNameOf(proposal)} → ${denial.resource ?? 'no role named'}  ${age(nowMs - createdAtMs)} old`
  return { text, link }
}

async function stateOf(proposal: Proposal, nowMs: number, deps: Deps): Promise<string> {
  const { config, chat } = deps
  const { status } = proposal
  if (status === 'applied') return 'applied, needs a person'
  if (status !== 'open') return status
  const { mode } = await modeOf(proposal, deps)
  if (mode !== 'approve') return `open, mode ${mode}: nobody can approve it`
  const { needed, had } = await approvalSummaryOf(proposal, config, chat, nowMs)
  return `open, ${had.length} of ${needed} approved`
}

const modeOf = (proposal: Proposal, { config, units }: Deps): Promise<AppliedMode> =>
  decidingMode(proposal, { config, units: withoutFaults(units) })

async function show(id: string, deps: Deps): Promise<readonly LinkedLine[]> {
  const { store, config, chat, clock } = deps
  if (id === '') return unlinked('Which one? Write: show ID')
  const proposal = await store.get(id.slice(0, 64))
  if (proposal === null) return unlinked(`There is no proposal ${id.slice(0, 64)}.`)
  const { denial, diagnosis, patch, verification } = proposal
  const refusal = refusalOf(proposal)
  const { needed } = await approvalSummaryOf(proposal, config, chat, clock())
  const mode = await modeOf(proposal, deps)
  const targets = (patch?.changes ?? []).map(({ target }) => `${target.kind} of ${target.arn}`)
  const rest = [
    `Denied: ${denial.action} on ${denial.resource ?? 'no role named'} for ${callerNameOf(proposal)}`,
    `Why (${diagnosis.verdict}): ${diagnosis.summary}`,
    ...(targets.length === 0 ? [] : [`Would change: ${targets.join('; ')}`]),
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

function age(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / MINUTE_MS))
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}
