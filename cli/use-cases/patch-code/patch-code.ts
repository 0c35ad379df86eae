/** Edits the code that owns the role. */

import { canonicalJson, UsageError } from '../../../core/base/index.ts'
import { principalNamed } from '../../../core/denial/index.ts'
import { parseArn, partitionOfRegion } from '../../../core/iam/index.ts'
import type { PolicyChange } from '../../../core/patch/index.ts'
import type { Config } from '../../../functions/domain/config/index.ts'
import { type Analysis, draftCodeTrust } from '../../../functions/workflows/index.ts'
import { type CodeChange, type CodeHints, type EntityHints, editCode, hintsFromTags } from '../../../iac/edit/index.ts'
import type { DeployNeeds } from '../../../iac/needs/index.ts'
import { codePlaceOf, matchesPath } from '../../../iac/repository/index.ts'
import { undecodedText } from '../diagnose/decode-inputs.ts'
import type { DenialInput } from '../diagnose/input.ts'
import { analyzeDenial, type OpenReader, readDenials } from '../diagnose/read-denials.ts'
import { type IamSource, openReader } from '../iam-reader.ts'
import { joinedNeeds, readNeeds } from '../preflight/sources.ts'
import { readConfig } from '../read-config.ts'
import type { UseCaseWorld } from '../world.ts'
import { type CodeCheckout, readRepository, writeEdits } from './repository.ts'

export type PatchCodeQuestion = {
  /** The folder of the checkout. */
  readonly folder: string
  /** A denial, or a deploy whose code keeps services out of the roles that it makes. */
  readonly input: DenialInput | PlannedDeploy
  readonly access: IamSource
  /** The configuration file. Null: the default settings. */
  readonly config: string | null
  /** True to write an exact edit. */
  readonly write: boolean
}

/** What `preflight` reads. */
export type PlannedDeploy = {
  readonly sources: readonly string[]
  /** The ARN of the principal that deploys. Null: the source names it. */
  readonly as: string | null
  readonly region: string | null
}

export type PatchCodeAnswer =
  | { readonly kind: 'nothing'; readonly notes: readonly string[] }
  | {
      readonly kind: 'change'
      readonly notes: readonly string[]
      readonly change: CodeChange
      /** The policies after the edit, followed by those of a later step. */
      readonly policies: readonly PolicyChange[]
    }

/** Throws UsageError for an input that cannot be read. Tests replace `open`. */
export async function patchCodeFor(
  question: PatchCodeQuestion,
  world: UseCaseWorld,
  open?: OpenReader,
): Promise<PatchCodeAnswer> {
  const { folder, input, access } = question
  if ('sources' in input) return patchCodeOfDeploy(input, question, world)
  const repository = await readRepository(folder)
  const config = await readConfig(question.config, world)
  const read = await readDenials({ input, access }, world, open)
  const undecoded = read.undecoded.length === 0 ? [] : [undecodedText(read.undecoded)]
  if (read.denials.length === 0) {
    const [other] = read.others
    const why = `no denied iam:PassRole or sts:AssumeRole in the input${other === undefined ? '' : `: ${other.why}`}`
    return { kind: 'nothing', notes: [...read.notes, ...undecoded, why] }
  }
  const analyses: Analysis[] = []
  for (const { denial } of read.denials) {
    const settings = { config, nowMs: world.nowMs(), withGetRole: config.grantGetRole }
    analyses.push(await analyzeDenial(denial, read.iam, settings))
  }
  const patched = analyses.filter(({ patch }) => patch !== null)
  const refused = analyses
    .filter(({ patch }) => patch === null)
    .map(
      one =>
        `${isUnknown(one) ? 'not known what to change' : 'nothing to change'}: ${one.refusal?.message ?? 'there is no patch'}`,
    )
  const isUnread = access.accounts.length === 0 && access.live === null && analyses.some(isUnknown)
  const notes = [...read.notes, ...undecoded, ...refused, ...(isUnread ? [NO_POLICIES] : [])]
  if (patched.length === 0) return { kind: 'nothing', notes }

  const required = onlyOnce(patched.flatMap(({ patch }) => patch?.changes ?? []))
  const change = await codeChange(required, within(repository, patched, config), patched)
  const later = onlyOnce(patched.flatMap(({ followUps }) => followUps))
  if (change.outcome === 'exact' && question.write) await writeEdits(folder, change.edits)
  return {
    ...{ kind: 'change', change, policies: [...required, ...later] },
    notes: [...notes, ...repository.skipped.map(line => `${line}: not read`)],
  }
}

const isUnknown = ({ patch, diagnosis }: Analysis): boolean =>
  patch === null && diagnosis.verdict === 'not-enough-evidence'
const NO_POLICIES = 'no policies were read: --account FILE or --live gives them, and a change needs them'

/** The trust policies in the code that keep a service out: what `preflight` marks with the fix `code`. */
async function patchCodeOfDeploy(
  { sources, as, region }: PlannedDeploy,
  { folder, access, config: file, write }: PatchCodeQuestion,
  world: UseCaseWorld,
): Promise<PatchCodeAnswer> {
  const repository = await readRepository(folder)
  const config = await readConfig(file, world)
  const { partition, accountId } = deployingAccount(as, region)
  const environment = { partition, accountId, region, stackName: null }
  const parts: DeployNeeds[] = []
  for (const name of sources)
    parts.push(await readNeeds({ kind: 'path', name }, { environment, parameters: new Map() }, world))
  const deploy = joinedNeeds(parts)
  const principal = as ?? deploy.deployRole?.arn ?? null
  if (principal === null) throw new UsageError('say who deploys: --as ARN')
  const { reader } = await openReader(access, region, world)
  const principals = { principal, caller: as }
  const { changes, made, refused } = await draftCodeTrust(deploy, {
    ...{ reader, config, region, partition, principals, nowMs: world.nowMs() },
  })
  const notes = refused.map(why => `nothing to change: ${why}`)
  if (changes.length === 0)
    return { kind: 'nothing', notes: [...notes, 'no role that this deploy makes keeps its service out'] }
  const { loadParsers } = await import('../../../functions/adapters/syntax/parsers.ts')
  const entities = new Map(
    [...made].map(
      ([arn, { logicalId }]) => [arn, { stackName: null, constructPath: null, file: null, logicalId }] as const,
    ),
  )
  const { files, leftOut, skipped } = repository
  const change = editCode(changes, files, { kind: null, entities }, await loadParsers(), leftOut)
  if (change.outcome === 'exact' && write) await writeEdits(folder, change.edits)
  return { kind: 'change', change, policies: changes, notes: [...notes, ...skipped.map(line => `${line}: not read`)] }
}

function deployingAccount(as: string | null, region: string | null) {
  const partition = as === null ? partitionOfRegion(region ?? '') : (parseArn(as)?.partition ?? 'aws')
  return { partition, accountId: as === null ? null : principalNamed(as).accountId }
}

/** Two records of one denial need one change. */
const onlyOnce = (changes: readonly PolicyChange[]): readonly PolicyChange[] => [
  ...new Map(changes.map(change => [change.digest, change])).values(),
]

type Searched = CodeCheckout & Pick<CodeHints, 'kind'>

/** The files and the kind that `repositories` in the configuration has for these roles. Without an entry, all files. */
function within(repository: CodeCheckout, analyses: readonly Analysis[], config: Config): Searched {
  const places = analyses.map(({ patch, snapshot }) => (patch === null ? null : codePlaceOf(patch, snapshot, config)))
  const named = places.map(place => place?.repository ?? null)
  const [only] = named
  if (only == null || named.some(one => canonicalJson(one) !== canonicalJson(only)))
    return { ...repository, kind: null }
  const isWithin = (path: string) => only.paths.some(glob => matchesPath(glob, path))
  const { files, leftOut } = repository
  return {
    ...{ ...repository, kind: only.kind, files: files.filter(({ path }) => isWithin(path)) },
    leftOut: { ...leftOut, paths: leftOut.paths.filter(isWithin) },
  }
}

async function codeChange(
  changes: readonly PolicyChange[],
  { files, leftOut, kind }: Searched,
  analyses: readonly Analysis[],
): Promise<CodeChange> {
  const { loadParsers } = await import('../../../functions/adapters/syntax/parsers.ts')
  const hints: CodeHints = { kind, entities: new Map(analyses.flatMap(entityHints)) }
  return editCode(changes, files, hints, await loadParsers(), leftOut)
}

const entityHints = ({ snapshot }: Analysis): readonly (readonly [string, EntityHints])[] =>
  [snapshot.caller, ...snapshot.targets.map(({ role }) => role)].flatMap(read =>
    read.kind === 'found' ? [[read.value.arn, hintsFromTags(read.value.tags)] as const] : [],
  )
