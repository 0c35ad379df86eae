/** The whole analysis of one denial. The command line and `propose` use it, and `verify` uses it again before it attests. */

import { type GivenAccount, withGivenAccount } from '../../../core/access/index.ts'
import { perObject, type Refusal } from '../../../core/base/index.ts'
import { type Denial, type KeyChain, withoutPrincipal } from '../../../core/denial/index.ts'
import { asHearsay, type Diagnosis, diagnose, isOffered, type RoleLife } from '../../../core/diagnosis/index.ts'
import { type AccessSnapshot, type Statement, timeContext } from '../../../core/iam/index.ts'
import {
  applyToSnapshot,
  deniedRequestsFor,
  draft,
  type EarlierGrant,
  type HandOver,
  handOver,
  openingOf,
  type Patch,
  type PolicyChange,
  type Verification,
  type VerifiedPatch,
  verify,
  type Withdrawal,
  withHandOver,
  withoutIneffectiveGrants,
} from '../../../core/patch/index.ts'
import {
  type Timeline,
  type TimelineOptions,
  type Trail,
  timeFactsOf,
  timelineOf,
} from '../../../core/timeline/index.ts'
import { type RequesterClaim, requesterClaim } from '../../domain/authority/index.ts'
import type { Config } from '../../domain/config/index.ts'
import type { AccessReader } from '../../ports/access-reader.ts'
import type { AwsExplanations } from '../../ports/aws-explanations.ts'
import type { SecondOpinion } from '../../ports/second-opinion.ts'
import { gather, trustsBehind, withSurroundings, withTargetPolicies } from './gather-access.ts'

export type Analysis = {
  /** The denial, including AWS's own evaluation if it could be read. */
  readonly denial: Denial
  readonly snapshot: AccessSnapshot
  readonly diagnosis: Diagnosis
  /** Who was denied, as far as the event and the caller's role prove it. */
  readonly requester: RequesterClaim
  /** Earlier grants without effect: `snapshot` omits them, and the patch withdraws them. */
  readonly withdrawn: readonly Withdrawal[]
  /** Null exactly if `refusal` is set. */
  readonly verified: VerifiedPatch | null
  readonly patch: Patch | null
  /** Changes that will be needed next. Shown, never part of this patch. */
  readonly followUps: readonly PolicyChange[]
  /** For an error text without policies: what an administrator may add. Never a patch. */
  readonly handOver: HandOver | null
  /** Set if a patch was drafted, even if a guardrail refused it. */
  readonly verification: Verification | null
  readonly refusal: Refusal | null
  /** Null: no record around it was given. */
  readonly timeline?: Timeline | null
  /** Null: it was not asked for, or nothing was found. */
  readonly chain?: KeyChain | null
}

export type TrailGiven = TimelineOptions & { readonly trail: Trail }

export type AnalysisOptions = {
  readonly reader: AccessReader
  readonly config: Config
  readonly nowMs: number
  readonly explanations?: AwsExplanations
  /** AWS's own checks of the drafted patch, if they are available. */
  readonly secondOpinion?: SecondOpinion
  readonly withGetRole?: boolean
  /** How many changes were applied to the principal today, if they are counted. */
  readonly changesToday?: (denial: Denial) => Promise<number>
  /** A person asked about this denial, so its age only causes a warning. */
  readonly asked?: boolean
  /** Accounts whose policies that person gave as files. Absent: policies are read from AWS. */
  readonly given?: readonly GivenAccount[]
  /** Changes that will be written with this one. The denial is analyzed as if they were already applied. */
  readonly granted?: readonly PolicyChange[]
  /** What a trail or a deploy shows of the denied role. */
  readonly life?: RoleLife
  /** Records around the denial. */
  readonly trail?: TrailGiven
  /** The records that issued the caller's key, asked for while IAM is read. Null: nothing was asked. */
  readonly chain?: Promise<KeyChain | null>
  /** Only a text reports the denial, so its cause is `likely` at most. */
  readonly hearsay?: boolean
  /** Statements that were lost: the change gives them back, instead of the smallest ones. */
  readonly lost?: readonly Statement[]
  /** Earlier grants for this denial, latest first. Must not be combined with `granted`. */
  readonly earlierGrants?: readonly EarlierGrant[]
}

export type Diagnosed = Pick<Analysis, 'denial' | 'snapshot' | 'diagnosis' | 'withdrawn' | 'timeline'> & {
  /** The denied call as it would be repeated now. */
  readonly call: Denial
}

/** The cause, without a change. */
export async function diagnoseNow(seen: Denial, options: AnalysisOptions): Promise<Diagnosed> {
  const { reader, config, nowMs, explanations, given, granted = [], earlierGrants = [] } = options
  const named = withGivenAccount(seen, given ?? [])
  const known = explanations === undefined ? named : await explained(named, explanations)
  const read = applyToSnapshot(await gather(known, reader), granted)
  const { denial, snapshot, withdrawn } = withoutIneffectiveGrants(known, read, earlierGrants)
  // The question is whether this call is allowed now: a limited grant may have begun or ended since the denial.
  const call = { ...denial, context: { ...denial.context, ...timeContext(nowMs) } }
  const { trail } = options
  const timeline = trail === undefined ? null : timelineOf(denial, read, trail.trail, trail)
  const facts = timeline === null ? null : timeFactsOf(timeline)
  const diagnosis = diagnose(call, snapshot, {
    config,
    nowMs,
    filesOf: given?.map(({ accountId }) => accountId) ?? null,
    ...facts,
    ...(options.life === undefined ? {} : { life: options.life }),
  })
  return { denial, snapshot, call, diagnosis, withdrawn, timeline }
}

export async function analyze(seen: Denial, options: AnalysisOptions): Promise<Analysis> {
  const { reader, config, nowMs, withGetRole = config.grantGetRole, asked = false, granted = [] } = options
  const { denial, snapshot, call, diagnosis: found, withdrawn, timeline = null } = await diagnoseNow(seen, options)
  const diagnosis = options.hearsay === true ? asHearsay(found) : found
  const chain = (await options.chain) ?? null
  const claim = requesterClaim(denial, snapshot.caller, config, chain)
  const isAsked = claim.kind === 'unknown' && isOffered(diagnosis, config.patchLikely)
  const trusts = isAsked ? await trustsBehind(denial, snapshot.caller, config, reader) : null
  const requester = trusts === null ? claim : requesterClaim(denial, snapshot.caller, config, chain, trusts)
  const none: Omit<Analysis, 'refusal'> = {
    ...{ denial, snapshot, diagnosis, requester, withdrawn, verified: null, patch: null, followUps: [] },
    ...{ handOver: null, verification: null, timeline, chain },
  }
  const joinable = addedSids(granted)

  if (!isOffered(diagnosis, config.patchLikely)) {
    const isAlone = denial.source === 'message' || options.given?.length === 0
    const handed = handOver(call, diagnosis, snapshot, { config, withGetRole, nowMs, joinable, isAlone })
    return {
      ...none,
      diagnosis: diagnosis.roleGone === undefined ? withHandOver(call, diagnosis, handed) : diagnosis,
      handOver: handed,
      refusal: refusalOf(diagnosis),
    }
  }
  const lost = options.lost === undefined ? {} : { lost: options.lost }
  const drafted = draft(call, diagnosis, snapshot, { config, withGetRole, nowMs, joinable, ...lost })
  if (!drafted.ok) return { ...none, refusal: drafted.error }

  const { patch, followUps } = drafted.value
  // The permissions of the role decide how many people must approve.
  const whole = applyToSnapshot(await withTargetPolicies(snapshot, reader), granted)
  const changesToday = await options.changesToday?.(denial)
  const about = {
    denial: call,
    diagnosis,
    snapshot: whole,
    config,
    nowMs,
    asked,
    joinable,
    withdrawn,
    ...(changesToday === undefined ? {} : { changesToday }),
  }
  const opened = await withSurroundings(openingOf(patch, about), reader)
  const secondOpinion = (await options.secondOpinion?.ask(patch, deniedRequestsFor(patch, about).requests)) ?? []
  const { verification, result } = verify(patch, { ...about, opened, secondOpinion })
  if (!result.ok) return { ...none, snapshot: whole, verification, refusal: result.error }
  const verified = result.value
  return { ...none, snapshot: whole, verified, patch: verified.patch, followUps, verification, refusal: null }
}

/** Sids of statements that the same change adds for other denials. They may get further roles. */
const addedSids = (granted: readonly PolicyChange[]): ReadonlySet<string> => new Set(granted.flatMap(sidsAddedBy))

const sidsAddedBy = perObject(({ before, after }: PolicyChange): readonly string[] => {
  const old = new Set(before?.Statement.map(({ Sid }) => Sid))
  return after.Statement.flatMap(({ Sid }) => (Sid === undefined || old.has(Sid) ? [] : [Sid]))
})

function refusalOf(diagnosis: Diagnosis): Refusal {
  const owner = diagnosis.nextSteps.find(step => step.owner !== null)?.owner ?? null
  if (diagnosis.solved !== undefined)
    return { code: diagnosis.solved === 'time' ? 'transient' : 'solved', message: diagnosis.summary, owner }
  if (diagnosis.roleGone !== undefined) return { code: 'role-gone', message: diagnosis.summary, owner }
  if (diagnosis.gaps.length === 0) return { code: diagnosis.cause, message: diagnosis.summary, owner }
  const [unseen] = diagnosis.unknowns.filter(({ fact }) => !SAID_ALONE.test(fact))
  const why = unseen === undefined ? '' : ` Not seen: ${unseen.fact} (${unseen.why}).`
  return { code: 'not-proved', message: `The cause is likely and not proved, so no change is offered.${why}`, owner }
}

/** Guardrails that were not read do not lower the verdict. */
const SAID_ALONE = /^(?:service control|resource control|session|VPC endpoint) polic/

/** Reads AWS's own evaluation. If that fails, only the text and the policies are used. */
async function explained(denial: Denial, aws: AwsExplanations): Promise<Denial> {
  const { accountId, region, authorizationId, encodedMessage } = denial
  if (denial.awsEvaluation !== null || accountId === null) return denial
  if (authorizationId !== null && region !== null) {
    const details = await aws.authorizationDetails(accountId, region, authorizationId)
    if (details.known)
      return { ...denial, awsEvaluation: details.value, context: { ...denial.context, ...details.value.context } }
  }
  if (encodedMessage !== null && !encodedMessage.cut) {
    const decoded = await aws.decode(accountId, encodedMessage.blob)
    if (decoded.known)
      return {
        ...denial,
        awsEvaluation: withoutPrincipal(decoded.value),
        context: { ...denial.context, ...decoded.value.context },
      }
  }
  return denial
}
