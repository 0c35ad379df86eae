/** Finds equal approvals and the pattern of role names that covers them. Three equal approvals propose an approved set. */
import { passesRoles } from '../../../core/actions/index.ts'
import { DAY_MS, HOUR_MS } from '../../../core/base/index.ts'
import { callerKeyOf } from '../../../core/denial/index.ts'
import { type EntityArn, parseRoleArn, roleArn } from '../../../core/iam/index.ts'
import { approvedRoleSet, exactRole, isServiceName } from '../../../core/patch/index.ts'
import type { ApprovedRoleSet } from '../../../core/settings/index.ts'
import type { Config } from '../config/index.ts'
import type { Applied, Confirmed, Proposal, Reverted } from '../proposal/index.ts'

/** A role that one caller may pass since an approval. */
export type PassApproval = {
  readonly proposalId: string
  readonly action: string
  readonly role: string
  /** Sorted. */
  readonly services: readonly string[]
  /** The failed deploy that the denial broke. Null: none is known. */
  readonly deploy: string | null
  readonly atMs: number
}

/** The entry for the configuration, which a person may copy, and its approvals, oldest first. */
export type SetSuggestion = { readonly set: ApprovedRoleSet; readonly approvals: readonly PassApproval[] }

const NEEDED = 3
const WITHIN_MS = 30 * DAY_MS
/** Cards of one failed deploy that are approved within this time count as one decision. */
const ONE_DECISION_MS = HOUR_MS
const MIN_PREFIX = 4
const MAX_NAME = 64
const MAX_KEPT = 50
const SEPARATOR = /[-_.]/

/** Null: the change passes no role, it did not last, or a configured set already contains the role. */
export function passApproval(proposal: Proposal, config: Config): PassApproval | null {
  if (!hasLasted(proposal) || !passesRoles(proposal.denial.action)) return null
  const { id, denial, diagnosis, deploy, applied } = proposal
  const role = exactRole(denial.resource)
  const services = [...(diagnosis.passedService?.services ?? [])].sort()
  if (role === null || services.length === 0 || !services.every(isServiceName)) return null
  if (approvedRoleSet(config, role.text, services) !== null) return null
  return {
    proposalId: id,
    action: denial.action,
    role: role.text,
    services,
    deploy: deploy?.key ?? null,
    atMs: applied.atMs,
  }
}

/** True when the change is in IAM or ended by its own time. What a person reverted was not a lasting decision. */
export function hasLasted(proposal: Proposal): proposal is Applied | Confirmed | Reverted {
  if (proposal.status === 'applied' || proposal.status === 'confirmed') return true
  if (proposal.status !== 'reverted') return false
  const { endsAtMs } = proposal.applied
  return endsAtMs !== null && proposal.reverted.atMs >= endsAtMs
}

/** Approvals with the same key are counted together. Null: the denial names no principal. */
export const approvalsKeyOf = (proposal: Pick<Proposal, 'denial'>): string | null => callerKeyOf(proposal.denial)

/** The list with this approval, last one first. Null: it is already listed. */
export function withPassApproval(list: readonly PassApproval[], added: PassApproval): readonly PassApproval[] | null {
  if (list.some(({ proposalId }) => proposalId === added.proposalId)) return null
  return [added, ...list].sort((a, b) => b.atMs - a.atMs).slice(0, MAX_KEPT)
}

/**
 * `own` and the approvals that may equal it: the same action, service, account and path, within the 30 days before the last
 * one.
 */
export function equalApprovals(own: PassApproval, list: readonly PassApproval[]): readonly PassApproval[] {
  const place = placeOf(own)
  const all = [own, ...list.filter(({ proposalId }) => proposalId !== own.proposalId)]
  const equal = all.filter(one => placeOf(one) === place)
  const lastMs = Math.max(...equal.map(({ atMs }) => atMs))
  return equal.filter(({ atMs }) => atMs > lastMs - WITHIN_MS).sort((a, b) => a.atMs - b.atMs)
}

const placeOf = ({ action, role, services }: PassApproval): string => {
  const arn = parseRoleArn(role)
  return [action, services.join(' '), arn?.partition, arn?.accountId, arn?.path].join('|')
}

/** `approvals`: equal ones, oldest first. Null: fewer than three have a common name prefix with `own`. */
export function suggestedSet(
  own: PassApproval,
  approvals: readonly PassApproval[],
  config: Config,
): SetSuggestion | null {
  const arn = parseRoleArn(own.role)
  if (arn === null || !approvals.some(({ proposalId }) => proposalId === own.proposalId)) return null
  for (const prefix of prefixesOf(arn.name)) {
    const start = roleArn(arn.partition, arn.accountId, prefix, arn.path)
    const named = distinct(approvals.filter(({ role }) => role.startsWith(start) && role !== start))
    if (named.length < NEEDED) continue
    return { set: entryFor(arn, prefix, own.services, config), approvals: named }
  }
  return null
}

/** Prefixes that end with a separator, longest first. */
function prefixesOf(name: string): readonly string[] {
  const ends = [...name].flatMap((char, at) => (SEPARATOR.test(char) && at >= MIN_PREFIX ? [at + 1] : []))
  return ends.reverse().map(end => name.slice(0, end))
}

/** Each role once, and cards of one failed deploy that were approved together once. */
function distinct(approvals: readonly PassApproval[]): readonly PassApproval[] {
  const counted: PassApproval[] = []
  for (const one of approvals) {
    const isCounted = counted.some(
      other =>
        other.role === one.role ||
        (one.deploy !== null && other.deploy === one.deploy && one.atMs - other.atMs < ONE_DECISION_MS),
    )
    if (!isCounted) counted.push(one)
  }
  return counted
}

function entryFor(
  { partition, accountId, path }: EntityArn,
  prefix: string,
  services: readonly string[],
  config: Config,
): ApprovedRoleSet {
  const taken = new Set(config.approvedRoleSets.map(({ name }) => name))
  const base = prefix.slice(0, -1).slice(0, MAX_NAME - 4)
  let name = base
  for (let n = 2; taken.has(name); n += 1) name = `${base}-${n}`
  return { name, pattern: `${roleArn(partition, accountId, prefix, path)}*`, services: [...services] }
}
