/** One change for a denial together with everything else that its deploy will be denied. */
import type { Refusal } from '../../../core/base/index.ts'
import { type Denial, isSameNeed, type KeyChain } from '../../../core/denial/index.ts'
import { isHearsay } from '../../../core/diagnosis/index.ts'
import { type PolicyDocument, parseRoleArn } from '../../../core/iam/index.ts'
import type { EarlierGrant } from '../../../core/patch/index.ts'
import type { DeployNeed, Proposal } from '../../domain/proposal/index.ts'
import { type Analysis, type AnalysisOptions, analyze, type TrailGiven } from '../denial/analyze-denial.ts'
import { analyzeTogether } from './analyze-together.ts'
import { withMade } from './deploy-snapshot.ts'

export type BundledNeed = Pick<DeployNeed, 'denial' | 'isMade'>

/** Everything that the card of this proposal should lift, in the form to analyze it again. */
export function bundledNeeds({ denial, template }: Pick<Proposal, 'denial' | 'template'>): readonly BundledNeed[] {
  if (template === undefined) return []
  return [...(template.isMade ? [{ denial, isMade: true }] : []), ...template.needs]
}

/** `bundle`: the result for the needs. Absent: the change is for the denial alone. */
export type BundleAnalysis = Analysis & {
  readonly bundle?: {
    /** Ids of the needs that the change lifts, without those that are already allowed. */
    readonly lifted: readonly string[]
    readonly refused: ReadonlyMap<string, string>
    /** Ids of the needs that are allowed without the change, if that is proved. */
    readonly allowed: readonly string[]
  }
}

/** What is analyzed with the denial: other needs of its deploy, and earlier grants for it (latest first). */
export type Beside = {
  readonly needs?: readonly BundledNeed[]
  readonly earlierGrants?: readonly EarlierGrant[] | undefined
  /** Records around the denial. */
  readonly trail?: TrailGiven
  /** The records that issued the caller's key. */
  readonly chain?: Promise<KeyChain | null>
  /** Statements to restore for the denial alone. Absent: the smallest change. */
  readonly lost?: PolicyDocument | undefined
  /** The denied call worked later: the change is for the other needs alone. */
  readonly isSolved?: boolean | undefined
}

/** How the change of this proposal is analyzed again. */
export const asProposed = (
  proposal: Pick<Proposal, 'denial' | 'template' | 'restores' | 'isSolved' | 'repeats' | 'changed'>,
): Pick<Beside, 'needs' | 'lost' | 'isSolved'> => ({
  needs: bundledNeeds(proposal),
  lost: proposal.restores,
  // Denied again since: then it is a need like the others.
  isSolved: proposal.isSolved === true && proposal.repeats.lastSeenMs <= (proposal.changed?.atMs ?? 0),
})

/** Analyzes with the current facts. */
export type AnalyzeAgain = (denial: Denial, nowMs: number, beside?: Beside) => Promise<BundleAnalysis>

/**
 * The denial decides: if nothing can be offered for it, nothing is offered for the rest. The same needs in the same order give
 * the same change, so that `verify` can check that the approved change is still right. If the denial itself is among the needs,
 * the deploy makes its role, which a rollback has deleted again.
 */
export async function analyzeBundle(
  denial: Denial,
  { needs = [], earlierGrants = [], trail, lost, isSolved = false, chain }: Beside,
  options: Omit<AnalysisOptions, 'earlierGrants'>,
): Promise<BundleAnalysis> {
  const own = needs.filter(need => isSameNeed(need.denial, denial))
  const others = needs.filter(need => !own.includes(need))
  const made = { partition: denial.partition, profiles: [] }
  const ownReader = withMade(options.reader, { ...made, roles: madeRoles(own), onlyAbsent: true })
  const hearsay = isHearsay(denial)
  const around = {
    ...(trail === undefined ? {} : { trail }),
    ...(chain === undefined ? {} : { chain }),
    ...(lost === undefined ? {} : { lost: lost.Statement }),
  }
  const alone = await analyze(denial, { ...options, ...around, earlierGrants, hearsay, reader: ownReader })
  // A grant that did not help is replaced without other needs, and so is what was lost.
  if (others.length === 0 || earlierGrants.length > 0 || lost !== undefined) return alone
  if (alone.verified === null && !isSolved) return alone
  const reader = withMade(ownReader, { ...made, roles: madeRoles(others) })
  const asked = [...(isSolved ? [] : [denial]), ...others.map(need => need.denial)]
  const change = await analyzeTogether(asked, { ...options, reader })
  const { verified, followUps, lifted, refused, allowed } = change
  if (isSolved && verified === null)
    return { ...alone, verified, patch: null, verification: null, refusal: alone.refusal ?? NOTHING_LEFT }
  if (verified === null || !(isSolved || lifted.includes(denial.id))) return alone
  const bundle = {
    lifted: lifted.filter(id => id !== denial.id),
    refused: new Map([...refused].map(([id, { code }]) => [id, code])),
    allowed,
  }
  const { patch, verification } = verified
  return { ...alone, verified, patch, verification, followUps, refusal: null, bundle }
}

const NOTHING_LEFT: Refusal = {
  code: 'already-allowed',
  message: 'The denied call worked later, and nothing is offered for the other roles of its deploy.',
  owner: null,
}

/** For a role that the deploy makes, neither the trust nor the permissions are taken from stored data. */
function madeRoles(needs: readonly BundledNeed[]) {
  return needs.flatMap(({ denial, isMade }) => {
    const role = isMade && denial.resource !== null ? parseRoleArn(denial.resource) : null
    if (role === null) return []
    const unknown = { document: null, complete: false }
    return [
      {
        accountId: role.accountId,
        scope: '',
        logicalId: role.name,
        name: role.name,
        path: role.path,
        trust: unknown,
        inlinePolicies: [],
        managedPolicyArns: [],
        permissionsBoundary: null,
        complete: false,
        file: '',
        line: null,
      },
    ]
  })
}
