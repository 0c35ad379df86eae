/** The alert about a deploy that failed because of a denial, for people and for programs. */

import { asPlainText, never, plural, utc } from '../../../core/base/index.ts'
import { denialTitle } from '../../../core/denial/index.ts'
import { capitalize } from '../../../core/diagnosis/index.ts'
import { entityName } from '../../../core/iam/index.ts'
import type { TemplatePlace } from '../../../iac/needs/index.ts'
import type { Notice } from '../messages/index.ts'
import { outcomeOf, type Proposal, refusalOf } from '../proposal/index.ts'
import { type CauseState, type CauseWithProposal, denialOfCause, stateOfCause } from './causes.ts'
import type { DeployCause, DeployState } from './deploy.ts'
import { outlookOf, shownCauses, shownFaults, shownPermissions } from './deploy-outlook.ts'
import { roundKey } from './deploy-round.ts'
import { runOfDeploy, type ShownDeployRun, shownDeployRun } from './deploy-run.ts'
import { MAX_PERMISSIONS, type MissingPermission, permissionSteps, permissionTitle } from './missing-permission.ts'
import { type OpenNeeds, ownPlace } from './open-needs.ts'
import { NO_BUILD_LOG } from './tools/codebuild.ts'
import { consoleLink, deployName, explanationOf, hearsayOf, retryOf } from './tools/tools.ts'
import type { TrustFault } from './trust-fault.ts'

const SHOWN_CAUSES = 10

/** The current state, rendered again after each change. Lines and command contain outside text; the link leads to AWS's console. */
export type DeployAlert = {
  readonly headline: string
  /** Null: no run is known. */
  readonly run: ShownDeployRun | null
  readonly lines: readonly string[]
  /** A command to copy. Null: there is none. */
  readonly command: string | null
  readonly link: string
}

export function alertOf(state: DeployState, known: readonly CauseWithProposal[]): DeployAlert {
  const { deploy, attempts, leftOut = 0 } = state
  const causes = shownCauses(state, known)
  const link = consoleLink(deploy)
  const run = shownDeployRun(runOfDeploy(state, causes))
  const rest = causes.length > SHOWN_CAUSES ? [`${causes.length - SHOWN_CAUSES} more denials`] : []
  const lines = [
    ...causes.slice(0, SHOWN_CAUSES).map(cause => causeLine(cause, state)),
    ...rest,
    ...otherReasonLine(state),
    ...faultLines(state, causes),
    ...permissionLines(state, causes),
    ...leftOutLine(state),
    ...withheldLine(state),
    ...unreadLine(state),
    ...brokeLine(state),
    ...hearsayLine(deploy),
  ]
  const { isRetried, isLifted, isSure, needs } = outlookOf(state, causes)
  if (causes.length === 0 && shownFaults(state).length > 0 && isRetried) {
    const { text, command } = retryOf(deploy)
    const headline = `🔁 Retry ${deployName(deploy)}: nothing is to be changed.`
    return { headline, run, lines: [...lines, text], command, link }
  }
  if (!isLifted || needs.denied > 0 || leftOut > 0) {
    const times = attempts.length === 1 ? '' : ` (${attempts.length} attempts)`
    const headline = `🚨 ${capitalize(deployName(deploy))} failed${times}.`
    return { headline, run, lines: [...lines, ...(isLifted ? needLines(needs) : [])], command: null, link }
  }
  const { text, command } = retryOf(deploy)
  const headline = isSure
    ? `✅ Retry ${deployName(deploy)}: its cause is fixed.`
    : `⚠️ Retry ${deployName(deploy)}: what was denied is granted, but more may be missing.`
  return { headline, run, lines: [...lines, ...needLines(needs), text], command, link }
}

/** Permissions that are none of ours: named, with what to do about them. */
function permissionLines(state: DeployState, causes: readonly DeployCause[]): readonly string[] {
  const all = shownPermissions(state, causes)
  const lines = all.slice(0, SHOWN_CAUSES).map(one => {
    const cause = one.certainty === 'certain' ? 'Caused by' : 'Probably because'
    const how = one.during === 'rollback' ? 'During the rollback' : cause
    const parts = [one.place, one.isLog === true ? `line ${one.line} of the log that was read` : null]
    const at = parts.filter(part => part !== null).join(', ')
    const place = at === '' ? '' : ` (${at})`
    return `${how}: ${permissionTitle(one)}${place}. ${permissionSteps(one)
      .map(step => step.do)
      .join(' ')}`
  })
  const more = all.length - lines.length
  // What is stored has an end.
  const atLeast = all.length < MAX_PERMISSIONS ? '' : 'At least '
  const command = explanationOf(state.deploy)
  const where = command === null ? 'the texts of the deploy name all of them' : 'the command below names all of them'
  return [
    ...lines,
    ...(more > 0 ? [`${atLeast}${plural(more, 'more permission')}: ${where}.`] : []),
    ...(all.length > 0 && command !== null
      ? [`All of it, with drafts for the code in a folder: ${command} --code .`]
      : []),
  ]
}

/** Only such a text names them, and who writes it can name any. */
const withheldLine = ({ deploy, withheld = 0 }: DeployState): readonly string[] =>
  withheld === 0
    ? []
    : [
        `Its texts name ${plural(withheld, 'permission')} that ${withheld === 1 ? 'is' : 'are'} not of account ${deploy.accountId}: not shown, as anybody who writes them can name any.`,
      ]

function unreadLine({ deploy, unread }: DeployState): readonly string[] {
  if (unread === undefined) return []
  const command = explanationOf(deploy)
  const read = command === null ? 'read its texts where it ran' : `run ${command}`
  const next =
    unread === NO_BUILD_LOG
      ? 'Look at the end of its log, where its project keeps it'
      : `Let the reader role of rolemedic read it, or ${read} with your own credentials`
  return [`Why is not known: what failed could not be read (${unread}). ${next}.`]
}

/** Needs that nobody has granted and that are not known to be allowed. */
function needLines({ denied, unknown, unread }: OpenNeeds): readonly string[] {
  return [
    ...(denied === 0 ? [] : [`Its template passes ${plural(denied, 'more role')} that it will be denied.`]),
    ...(unknown === 0
      ? []
      : [`Its template passes ${plural(unknown, 'more role')} for which it is not known whether it may.`]),
    ...(unread === null ? [] : [`Its template was not read: ${unread}.`]),
  ]
}

const leftOutLine = ({ leftOut = 0 }: DeployState): readonly string[] =>
  leftOut === 0 ? [] : [`Its texts name ${plural(leftOut, 'more denial')}, for which no card was made.`]

const otherReasonLine = ({ otherReason }: DeployState): readonly string[] =>
  otherReason === undefined ? [] : [`The last attempt failed for another reason than a permission: ${otherReason}`]

const brokeLine = ({ broke = [] }: DeployState): readonly string[] =>
  broke.length === 0 ? [] : [`It broke ${broke.join(', and ')} too.`]

const hearsayLine = (deploy: DeployState['deploy']): readonly string[] => {
  const hearsay = hearsayOf(deploy)
  return hearsay === null ? [] : [hearsay]
}

/** A role and service with a card of their own are told once. */
const faultLines = (state: DeployState, causes: readonly CauseWithProposal[]): readonly string[] =>
  shownFaults(state)
    .filter(({ role, service }) => !causes.some(cause => isAbout(cause, role, service)))
    .slice(0, SHOWN_CAUSES)
    .map(faultLine)

function isAbout(cause: CauseWithProposal, role: string | null, service: string | null): boolean {
  const denial = denialOfCause(cause)
  return (
    role !== null &&
    denial?.resource === role &&
    denial.principal.kind === 'service' &&
    denial.principal.name === service
  )
}

/** What a service could not use, and what follows from it where nothing is to be approved. */
function faultLine(fault: TrustFault): string {
  const { certainty, summary, next } = fault
  const how = certainty === 'certain' ? 'Caused by' : 'Probably because'
  const steps = next.map(one => `${one.do}${one.command === null ? '' : ` ${one.command}`}`)
  return `${how}: ${faultTitle(fault)}. ${[summary, ...steps].filter(text => text !== '').join(' ')}`
}

function faultTitle({ kind, service, role, place }: TrustFault): string {
  const who = service ?? 'a service'
  if (kind === 'service-linked-role') return `the service-linked role of ${who}`
  const at = place === null ? '' : ` (${placeInWords(place)})`
  return `${who} cannot assume ${role === null ? 'its role' : entityName(role)}${at}`
}

/** For places without blocks. */
export function alertText({ headline, run, lines, command, link }: DeployAlert): string {
  return [headline, ...runLines(run), ...lines, ...(command === null ? [] : [command]), `Where: ${link}`].join('\n')
}

const runLines = (run: ShownDeployRun | null): readonly string[] =>
  run === null ? [] : [run.line, ...(run.link === null ? [] : [run.link])]

function causeLine(cause: CauseWithProposal, state: Pick<DeployState, 'template'>): string {
  const how = cause.confidence === 'caused by' ? 'Caused by' : 'Probably because'
  const { proposal } = cause
  const denial = denialOfCause(cause)
  if (proposal === null || denial === null) return `${how}: a denial that is being analyzed.`
  // The template of this deploy, and not of another one on the card.
  const { place, held } = ownPlace(state, cause)
  const at = place === null ? '' : ` (${placeInWords(place)})`
  return `${how}: ${asPlainText(denialTitle(denial))}${at}. ${more(held, stateOfCause(cause))}${stateLine(proposal, stateOfCause(cause))}`
}

const placeInWords = ({ logicalId, property, line, constructPath }: TemplatePlace): string =>
  `${logicalId}.${property}${line === null ? '' : `, line ${line}`}${constructPath === null ? '' : `, ${constructPath}`}`

function more(held: number, state: CauseState): string {
  if (held === 0) return ''
  const roles = plural(held, 'more role')
  return state === 'fixed'
    ? `With it ${roles} that the deploy would have been denied. `
    : `Its card holds ${roles} that the deploy will be denied. `
}

function stateLine(proposal: Proposal, state: CauseState): string {
  switch (state) {
    case 'open':
      return `The fix waits for approval until ${utc(proposal.expiresAtMs)}.`
    case 'approved':
      return 'The fix is approved and is being written.'
    case 'fixed':
      return fixed(proposal)
    case 'no-patch':
      return `No change to approve: ${refusalOf(proposal)?.message ?? proposal.diagnosis.summary}`
    case 'not-fixed':
      return `The proposal is ${proposal.status}; the next attempt will be denied again.`
    case 'left-out':
      return 'The change on its card does not lift it; the next attempt will be denied again.'
    case 'pending':
      return 'It is being analyzed.'
    default:
      return never(state)
  }
}

function fixed(proposal: Proposal): string {
  const applied = outcomeOf(proposal)
  if (applied === null) return 'The policies allow it now.'
  if (applied.answer === 'unknown')
    return `A change was written ${utc(applied.atMs)}; only an attempt shows whether it is allowed now.`
  return `Allowed since ${utc(applied.answeredAtMs ?? applied.atMs)}; IAM can take a minute to show it everywhere.`
}

/** The names in published notices, which must stay. */
const PUBLISHED_STATES: { readonly [state in CauseState]: string } = {
  pending: 'being-examined',
  open: 'waits-for-approval',
  approved: 'approved',
  fixed: 'allowed-now',
  'no-patch': 'nothing-to-approve',
  'not-fixed': 'not-mended',
  'left-out': 'not-mended',
}

/** `detail` is documented in docs/notices.md. */
export function deployNotice(state: DeployState, known: readonly CauseWithProposal[]): Notice {
  const causes = shownCauses(state, known)
  const { deploy, attempts } = state
  const faults = shownFaults(state)
  const permissions = shownPermissions(state, causes)
  const title = `${capitalize(deployName(deploy))} failed`
  const run = runOfDeploy(state, causes)
  const first = causes[0] === undefined ? null : denialOfCause(causes[0])
  const more = causes.length > 1 ? ` and ${plural(causes.length - 1, 'more denial')}` : ''
  return {
    subject: first === null ? subjectOfFault(title, state) : `${title}: ${asPlainText(denialTitle(first))}${more}`,
    text: [
      `${title}: ${deploy.status}, ${utc(deploy.failedAtMs)}`,
      `Account ${deploy.accountId}, ${deploy.region}`,
      ...runLines(shownDeployRun(run)),
      ...causes.slice(0, SHOWN_CAUSES).flatMap(cause => [causeLine(cause, state), ...whyLines(cause.proposal)]),
      ...otherReasonLine(state),
      ...faultLines(state, causes),
      ...permissionLines(state, causes),
      ...leftOutLine(state),
      ...withheldLine(state),
      ...unreadLine(state),
      ...brokeLine(state),
      ...hearsayLine(deploy),
      ...howToRetry(deploy),
      `Where: ${consoleLink(deploy)}`,
    ].join('\n'),
    detail: {
      schema: 'rolemedic.deploy/1',
      kind: 'deploy-failed',
      key: roundKey(state),
      deploy: {
        kind: deploy.kind,
        name: deploy.name,
        target: deploy.target,
        attempt: deploy.attempt,
        status: deploy.status,
        accountId: deploy.accountId,
        region: deploy.region,
        failedAt: new Date(deploy.failedAtMs).toISOString(),
        attempts: attempts.length,
        console: consoleLink(deploy),
        retry: retryOf(deploy).command,
      },
      run,
      causes: causes.slice(0, SHOWN_CAUSES).map(({ fingerprint, confidence, proposal, joined }) => ({
        fingerprint,
        confidence: confidence === 'caused by' ? 'caused-by' : 'probably',
        state: PUBLISHED_STATES[stateOfCause({ fingerprint, confidence, proposal, joined })],
        proposalId: proposal?.id ?? null,
        action: (joined ?? proposal?.denial)?.action ?? null,
        principal: (joined ?? proposal?.denial)?.principal.arn ?? null,
        resource: (joined ?? proposal?.denial)?.resource ?? null,
        verdict: proposal?.diagnosis.verdict ?? null,
        cause: proposal?.diagnosis.cause ?? null,
        summary: proposal?.diagnosis.summary ?? null,
        digest: proposal?.patch?.digest ?? null,
      })),
      ...(faults.length === 0 ? {} : { roles: faults.slice(0, SHOWN_CAUSES).map(publishedFault) }),
      ...(permissions.length === 0 ? {} : { permissions: permissions.slice(0, SHOWN_CAUSES).map(publishedPermission) }),
    },
  }
}

const publishedPermission = ({
  action,
  call,
  principal,
  resource,
  layer,
  policyArn,
  certainty,
}: MissingPermission): object => ({
  ...{ action, call, principal, resource, layer, policyArn, certainty },
})

const publishedFault = ({ kind, answer, certainty, service, role, summary }: TrustFault): object => ({
  ...{ kind, answer, certainty, service, role, summary },
})

function subjectOfFault(title: string, state: DeployState): string {
  const [first, ...others] = shownFaults(state)
  const [permission, ...rest] = shownPermissions(state, []).filter(({ during }) => during === undefined)
  if (first === undefined && permission !== undefined)
    return `${title}${permission.certainty === 'certain' ? ': ' : ', probably because '}${permissionTitle(permission)}${rest.length === 0 ? '' : ` and ${plural(rest.length, 'more permission')}`}`
  if (first === undefined) return title
  return `${title}: ${faultTitle(first)}${others.length === 0 ? '' : ` and ${plural(others.length, 'more role')}`}`
}

function whyLines(proposal: Proposal | null): readonly string[] {
  if (proposal === null) return []
  const { diagnosis, id } = proposal
  const steps = diagnosis.nextSteps.map(
    step => `Next: ${step.text}${step.command === null ? '' : ` (${step.command})`}`,
  )
  return [`Why (${diagnosis.verdict}): ${diagnosis.summary}`, ...steps, `Proposal ${id}`]
}

function howToRetry(deploy: DeployState['deploy']): readonly string[] {
  const { text, command } = retryOf(deploy)
  return [`When the cause is fixed: ${text}${command === null ? '' : ` ${command}`}`]
}
