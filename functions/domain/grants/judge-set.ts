/** What a set of roles would open today. Assesses every member separately, with the guardrails for patches. */
import type { Fact, Unknown } from '../../../core/base/index.ts'
import { type AccessSnapshot, entityName, matchesGlob, seenCaller, type TargetRole } from '../../../core/iam/index.ts'
import {
  administratorEquivalent,
  approversPath,
  blind,
  checkGuardrails,
  destroy,
  type GuardrailInput,
  highestRisk,
  type NamedFinding,
  type Opened,
  openedBy,
  ownRoles,
  type Patch,
  protectedEntity,
  RISKS,
  type Risk,
  reservedEntity,
  type Surroundings,
  strongerThanCaller,
  unreadSurroundings,
} from '../../../core/patch/index.ts'
import type { Config } from '../config/index.ts'
import type { Applied, Confirmed, Reverted } from '../proposal/index.ts'

export type JudgedMember = {
  readonly name: string
  readonly risk: Risk
  /** What raises the risk. Null: nothing. */
  readonly why: string | null
  /** True when its policies, or what they lead to, could not be read completely. */
  readonly isUnread: boolean
  /** With this role, the caller could become administrator. */
  readonly isAdministrator: boolean
}

export type JudgedSet = {
  /** Highest risk first. Unknown: the roles could not be listed. */
  readonly members: Fact<readonly JudgedMember[]>
  /** Why the pattern must not be granted at all. Null: no reason. */
  readonly refused: string | null
}

export type SetQuestion = {
  readonly proposal: Pick<Applied | Confirmed | Reverted, 'denial' | 'diagnosis' | 'patch'>
  readonly pattern: string
  readonly snapshot: AccessSnapshot
  readonly config: Config
  readonly nowMs: number
}

export type Assessed = JudgedSet & Pick<Opened, 'wants' | 'wantsForWords'>

const SUBJECT = [protectedEntity, ownRoles, approversPath, reservedEntity]
const REACH = [administratorEquivalent, blind, destroy, strongerThanCaller, unreadSurroundings]

export function assessSet(question: SetQuestion, surroundings: Surroundings): Assessed {
  const { pattern, snapshot } = question
  const caller = seenCaller(snapshot)
  const guardrails = { organization: snapshot.organization, scps: snapshot.scps }
  const opened = openedBy([], [pattern], surroundings, {
    caller,
    around: accountId => (accountId === caller?.accountId ? guardrails : undefined),
  })
  const { wants, wantsForWords } = opened
  const members: Fact<readonly TargetRole[]> = opened.sets[0]?.members ?? { known: false, why: 'they were not read' }
  if (!members.known) return { wants, wantsForWords, members, refused: refusalOf([], question) }
  const judged = members.value
    .map(member => judge(member, caller === null ? NO_CALLER : null, opened, question))
    .sort((a, b) => RISKS.indexOf(b.risk) - RISKS.indexOf(a.risk) || a.name.localeCompare(b.name, 'en'))
  return { wants, wantsForWords, members: { known: true, value: judged }, refused: refusalOf(members.value, question) }
}

const NO_CALLER: Unknown = { fact: 'the caller', why: 'so what it would gain is not known' }

function judge(member: TargetRole, unseen: Unknown | null, opened: Opened, question: SetQuestion): JudgedMember {
  const findings = checkGuardrails(inputFor(question, [member], ofMember(member, opened)), REACH)
  const isUnread = unseen !== null || member.role.kind === 'unreadable' || warns(findings, unreadSurroundings.id)
  return {
    name: entityName(member.arn),
    risk: highestRisk(findings),
    why: unseen === null ? detailOf(findings) : `${unseen.fact} could not be read, ${unseen.why}.`,
    isUnread,
    isAdministrator: warns(findings, administratorEquivalent.id),
  }
}

const ofMember = ({ arn, ...rest }: TargetRole, { reaches }: Opened): Opened => {
  const own = reaches.filter(reach => reach.opened.arn === arn)
  return {
    sets: [{ pattern: arn, members: { known: true, value: [{ arn, ...rest }] } }],
    reaches: own,
    wants: own.flatMap(reach => reach.wants),
    wantsForWords: [],
  }
}

const warns = (findings: readonly NamedFinding[], rule: string): boolean =>
  findings.some(({ id, finding }) => id === rule && finding.outcome !== 'pass')

function detailOf(findings: readonly NamedFinding[]): string | null {
  const [first] = findings.flatMap(({ finding }) => (finding.outcome === 'pass' ? [] : [finding.detail]))
  return first ?? null
}

/** Applies the guardrails about subjects, and refuses roles that administer accounts by their configured name. */
function refusalOf(members: readonly TargetRole[], question: SetQuestion): string | null {
  const opened: Opened = { sets: [], reaches: [], wants: [], wantsForWords: [] }
  const findings = checkGuardrails(inputFor(question, members, opened), SUBJECT)
  for (const { finding } of findings) if (finding.outcome === 'refuse') return finding.detail
  const globs = question.config.administratorRoles.map(glob => glob.toLowerCase())
  const named = members
    .map(({ arn }) => entityName(arn))
    .find(name => globs.some(glob => matchesGlob(glob, name.toLowerCase())))
  return named === undefined ? null : `${named} administers accounts.`
}

/** The input of the guardrails for a patch that grants the pattern. */
function inputFor(question: SetQuestion, roles: readonly TargetRole[], opened: Opened): GuardrailInput {
  const { proposal, pattern, snapshot, config, nowMs } = question
  const { denial, diagnosis } = proposal
  const statement = { Effect: 'Allow' as const, Action: denial.action, Resource: pattern }
  const after = { Version: '2012-10-17', Statement: [statement] }
  const changes = proposal.patch.changes.slice(0, 1).map(change => ({ ...change, before: null, after }))
  const patch: Patch = { changes, digest: '' }
  return {
    ...{ patch, denial, diagnosis, snapshot, roles, opened, config, nowMs },
    ...{ current: null, changesToday: null, asked: true },
  }
}
