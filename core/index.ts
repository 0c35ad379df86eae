/**
 * The engine of rolemedic as a library: why was `iam:PassRole` or `sts:AssumeRole` denied, what would IAM answer, and does a change
 * open nothing else? Everything here is synchronous and pure: it opens no file, calls no AWS and reads no clock.
 * `docs/library.md` shows it in three examples.
 */
import { type AccessSource, requestOf as requestOfDenial, snapshotFor as snapshotFromAccess } from './access/index.ts'
import { evaluate as evaluateRequest } from './actions/actions.ts'
import type { Result } from './base/result.ts'
import type { Denial, ParsedDenial } from './denial/denial.ts'
import { parseMessage, parseRecord } from './denial/parse-denial.ts'
import { diagnose as diagnoseDenial } from './diagnosis/diagnose.ts'
import type { Diagnosis } from './diagnosis/diagnosis.ts'
import { timeContext } from './iam/conditions/context.ts'
import type { AccessSnapshot } from './iam/evaluation/access-snapshot.ts'
import type { AccessRequest, Evaluation } from './iam/evaluation/evaluation.ts'
import { parsePolicy as parsePolicyDocument } from './iam/policy/parse-policy.ts'
import type { PolicyDocument } from './iam/policy/policy-document.ts'
import type { PolicyChange } from './patch/patch.ts'
import { type Proven, prove as proveChanges } from './patch/verification/containment.ts'
import { DEFAULT_SETTINGS, type Settings } from './settings/settings.ts'
import { accessIn } from './snapshots/account-access.ts'
import { readAccountDetails } from './snapshots/account-details.ts'

export type { Fact, Read, Unknown } from './base/fact.ts'
export type { Result } from './base/result.ts'
export type { Denial, ParsedDenial } from './denial/denial.ts'
export type { Cause, Diagnosis, Gap, NextStep, Verdict } from './diagnosis/diagnosis.ts'
export type { ContextFact, ContextFacts } from './iam/conditions/context.ts'
export type { AccessSnapshot, Identity, Role } from './iam/evaluation/access-snapshot.ts'
export type { AccessRequest, Answer, Evaluation, LayerOutcome, StatementOutcome } from './iam/evaluation/evaluation.ts'
export type { PolicyDocument, Statement } from './iam/policy/policy-document.ts'
export type { SourcedPolicy } from './iam/policy/sourced-policy.ts'
export type { Target, TargetKind } from './patch/patch.ts'
export type { Proven } from './patch/verification/containment.ts'
export type { Proof } from './patch/verification/verification.ts'
export type { Settings } from './settings/settings.ts'

/** A text and the name that error messages call it by. */
export type NamedText = { readonly name: string; readonly text: string }

/** The policies of accounts, made by `readAccounts`. */
export type Accounts = AccessSource & {
  /** The accounts of the files, each of 12 digits. */
  readonly accountIds: readonly string[]
}

export type Options = {
  /** The time of the question, in milliseconds since 1970: whether a statement with an end holds, and how old the denial is. */
  readonly nowMs: number
  /** What differs from the defaults of `rolemedic.config.json`. */
  readonly config?: Partial<Settings>
}

export type DiagnoseOptions = Options & {
  /** The `accountIds` of `readAccounts`: a next step then names the account whose file is missing. */
  readonly filesOf?: readonly string[] | null
}

/** One document that would change. */
export type ProposedChange = Pick<PolicyChange, 'target' | 'before' | 'after'>

export type ProveOptions = Options & {
  readonly denial: Denial
  readonly snapshot: AccessSnapshot
  /** The result of `diagnose`, where it is at hand. */
  readonly diagnosis?: Diagnosis
}

/**
 * The denial in one CloudTrail record, as an object: an element of `Records`, or the `detail` of an EventBridge event.
 * Never throws: `kind` is `denial`, `not-ours` (another call, or one that succeeded) or `unreadable` (no CloudTrail record), the last two with `why`.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function denialFromRecord(record: unknown): ParsedDenial {
  try {
    return parseRecord(record)
  } catch {
    return { kind: 'unreadable', why: 'no CloudTrail record: it holds itself, or is nested too deeply' }
  }
}

/**
 * The first denial in an error text: a message of AWS, or the log of a deploy around it. Never throws, as `denialFromRecord`; the
 * message of a caught value may be anything.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export const denialFromText = (text: string): ParsedDenial =>
  typeof text === 'string' ? parseMessage(text) : { kind: 'unreadable', why: 'not a text' }

/**
 * Reads what `aws iam get-account-authorization-details` prints: one file for each account, or its pages in their order. `organization`
 * is an organization file (`docs/cli.md`, `--org`), which holds the SCPs and RCPs that the account's own file lacks.
 * Throws an Error with one line that names the file where a text is something else; what a file lacks becomes unknown, never a guess.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export function readAccounts(files: readonly NamedText[], organization?: NamedText): Accounts {
  const pages = files.map(({ name, text }) => ({ name, details: readAccountDetails(name, text) }))
  const org = organization === undefined ? {} : { org: organization.text, orgName: organization.name }
  const read = accessIn(pages, org)
  return { ...read, accountIds: read.given.map(({ accountId }) => accountId) }
}

/** What `accounts` say about one denial or request: the caller, the roles, and the guardrails above them. What they lack is unknown, with the reason. */
export const snapshotFor = (about: Denial | AccessRequest, accounts: AccessSource): AccessSnapshot =>
  snapshotFromAccess(about, accounts)

/** The request that was denied. `resource`: the ARN of another role of the same call. */
export const requestOf = (denial: Denial, resource?: string): AccessRequest => requestOfDenial(denial, resource)

/**
 * Why the call was denied: the cause, the statements that show it, what could not be seen, and the next steps. `verdict` is `proved`
 * only where no unread policy could change the cause. Holds for the policies in the snapshot at `nowMs`, not at the time of the denial.
 * `summary` and findings hold text of the event: escape them where you show them.
 */
export const diagnose = (denial: Denial, snapshot: AccessSnapshot, options: DiagnoseOptions): Diagnosis =>
  diagnoseDenial(asAskedAt(options.nowMs, denial), snapshot, { ...options, config: settingsOf(options) })

/**
 * What IAM would answer to one request, with the outcome of each policy type and statement. Condition keys that `context` does not
 * list are unknown, and the answer is `unknown` where one of them decides. `allowed` holds for what was read: a layer that is `unseen`
 * may still deny.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export const evaluate = (request: AccessRequest, snapshot: AccessSnapshot): Evaluation =>
  evaluateRequest(request, snapshot)

/**
 * Whether changes open nothing but what the denial needs. `proof.outcome` is `nothing-else`, `others-too` (the document is that of
 * others as well: `detail` says whose) or `more`, with a request in `counterexample` where one was found. What cannot be decided is
 * `more`. It does not say whether the changes suffice.
 */
export function prove({ changes }: { readonly changes: readonly ProposedChange[] }, options: ProveOptions): Proven {
  const { denial, snapshot, nowMs, diagnosis = diagnose(denial, snapshot, options) } = options
  const call = asAskedAt(nowMs, denial)
  return proveChanges({ changes }, { denial: call, diagnosis, snapshot, config: settingsOf(options), nowMs })
}

/**
 * A policy document from an object, JSON, or the URL-encoded JSON of IAM's API. Never throws: an element that the grammar does not know
 * makes it `{ ok: false, error }`, so that nothing is evaluated without being understood.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export const parsePolicy = (input: unknown): Result<PolicyDocument, string> => parsePolicyDocument(input)

const settingsOf = ({ config }: Options): Settings => ({ ...DEFAULT_SETTINGS, ...config })

/** A limited grant may have begun or ended since the denial. */
const asAskedAt = (nowMs: number, denial: Denial): Denial => ({
  ...denial,
  context: { ...denial.context, ...timeContext(nowMs) },
})
