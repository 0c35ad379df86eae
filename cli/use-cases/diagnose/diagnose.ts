/** Why the calls of an input were denied, and the smallest change that would allow each. */

import { plural } from '../../../core/base/index.ts'
import { chainBehind, encodedOnlyIn, type Hint, hintsBeside, NO_DENIAL, runBehind } from '../../../core/denial/index.ts'
import type { Run } from '../../../core/runs/index.ts'
import type { Analysis } from '../../../functions/workflows/index.ts'
import type { DecidedHints } from '../../live/decide-hints.ts'
import type { LiveStats } from '../../live/live-access.ts'
import type { IamReader, IamSource } from '../iam-reader.ts'
import { readConfig } from '../read-config.ts'
import {
  askedChain,
  askedHistory,
  earlierOf,
  type HistoryTimes,
  MAX_DENIALS_ASKED,
  readingTime,
} from '../trail/asked-history.ts'
import { readTrail } from '../trail/read-trail.ts'
import { ageNotes, filesGiven } from '../trail/snapshot-age.ts'
import type { UseCaseWorld } from '../world.ts'
import { approversNeeded } from './approvers-needed.ts'
import { undecodedText } from './decode-inputs.ts'
import { type DenialInput, LOOKED_FOR, linesText, readInput } from './input.ts'
import { analyzeDenial, type OpenReader, type OtherRead, type ReadDenials, readDenials } from './read-denials.ts'
import { withWorkflowPlaces } from './workflow-places.ts'

export type DiagnoseQuestion = {
  readonly input: DenialInput
  readonly access: IamSource
  /** The file of the configuration; null: the default settings. */
  readonly config: string | null
  /** Also allow `iam:GetRole` on the same role in a PassRole patch. */
  readonly withGetRole: boolean
  /** Null for the current time. */
  readonly atMs: number | null
  /** CloudTrail files or folders around the denial. */
  readonly trail?: readonly string[]
}

export type DiagnosedDenial = {
  readonly analysis: Analysis
  /** A remark on the number of approvers. */
  readonly note: string | null
  /** The lines of a log, as text; null for a record. */
  readonly place: string | null
  /** The first of them. */
  readonly line: number | null
  readonly run: Run | null
  readonly cost: LiveStats | null
}

export type DiagnoseAnswer =
  | {
      readonly kind: 'none'
      readonly why: string
      /** Whether AWS could decode a message that may hide a denial. */
      readonly decodable: boolean
      readonly notes: readonly string[]
    }
  | {
      /** No denial: the caller could not become a role, or the text of the refusal is cut off. */
      readonly kind: 'hints'
      readonly hints: readonly Hint[]
      readonly notes: readonly string[]
    }
  | {
      readonly kind: 'denials'
      readonly count: number
      /** The places of the denials in a log, in their order. */
      readonly places: readonly string[]
      readonly notes: readonly string[]
      /** Those that explain a denial. */
      readonly hints: readonly Hint[]
      readonly nowMs: number
      /** One at a time: IAM is read for each as it is asked for. */
      readonly diagnosed: AsyncIterable<DiagnosedDenial>
    }

/** Throws UsageError for an input that cannot be read. Tests replace `open`. */
export async function diagnoseInput(
  question: DiagnoseQuestion,
  world: UseCaseWorld,
  open?: OpenReader,
): Promise<DiagnoseAnswer> {
  const { input, access } = question
  const config = await readConfig(question.config, world)
  const found = await readInput(input)
  if (found.hints.length > 0 && !found.inputs.some(one => one.kind === 'denial')) {
    const { hints, notes } = await decidedHints(found.hints, access, world)
    return { kind: 'hints', hints, notes: [...found.notes, ...notes] }
  }
  const read = await readDenials({ input, access, found }, world, open)
  const { denials, undecoded, notes } = read
  if (denials.length === 0) return { kind: 'none', ...nothingOurs(read), notes }
  const beside = hintsBeside(
    found.hints,
    denials.map(({ denial }) => denial),
  )
  const decided = await decidedHints(beside, access, world)
  const nowMs = question.atMs ?? world.nowMs()
  const isLive = read.iam.history !== undefined
  // What stands now is read now, whatever the time of the question.
  const readAtMs = isLive ? world.nowMs() : (question.atMs ?? read.iam.writtenAtMs ?? null)
  const { trail = [] } = question
  const around =
    trail.length === 0
      ? null
      : await readTrail(
          trail,
          denials.map(({ denial }) => denial),
          world,
        )
  return {
    kind: 'denials',
    count: denials.length,
    places: denials.flatMap(one => linesText(one) ?? []),
    notes: [
      ...notes,
      ...decided.notes,
      ...(around?.notes ?? []),
      ...notAsked(denials.length, trail.length === 0 && isLive),
      ...ageNotes(
        denials.map(({ denial }) => denial),
        isLive ? null : readAtMs,
      ),
      ...(undecoded.length === 0 ? [] : [undecodedText(undecoded)]),
    ],
    hints: decided.hints,
    nowMs,
    diagnosed: each(
      read,
      { nowMs: world.nowMs(), earlier: earlierOf(read.iam, question.atMs) },
      {
        ...{ config, nowMs, withGetRole: question.withGetRole || config.grantGetRole },
        ...(around === null
          ? {}
          : {
              trail: {
                trail: around.trail,
                readAtMs,
                archive: read.iam.archive ?? null,
                ...filesGiven(isLive, question.atMs),
              },
            }),
      },
    ),
  }
}

/** With the place in the workflow, and with `--live` what the account says. */
async function decidedHints(found: readonly Hint[], { live }: IamSource, world: UseCaseWorld): Promise<DecidedHints> {
  const hints = await withWorkflowPlaces(found, world)
  if (live === null) return { hints, notes: [] }
  const { decideHints } = await import('../../live/decide-hints.ts')
  return decideHints(hints, live)
}

function notAsked(count: number, isAsked: boolean): readonly string[] {
  if (!isAsked || count <= MAX_DENIALS_ASKED) return []
  return [
    `the event history is asked about the first ${MAX_DENIALS_ASKED} of ${count} denials: --trail takes files for all`,
  ]
}

type Settings = Parameters<typeof analyzeDenial>[2]

async function* each(
  { denials, iam }: ReadDenials,
  read: HistoryTimes,
  settings: Settings,
): AsyncGenerator<DiagnosedDenial> {
  for (const [index, one] of denials.entries()) {
    const { history } = iam
    const isAsked = settings.trail === undefined && history !== undefined && index < MAX_DENIALS_ASKED
    const trail = isAsked ? await askedHistory(one.denial, history, iam.reader, read) : null
    const around = trail === null ? await withReadingTime(one.denial, iam, read, settings) : { ...settings, trail }
    const issued = isAsked ? await askedChain(one.denial, history) : around.trail?.trail.issued
    const behind = issued === undefined ? {} : { chain: Promise.resolve(chainBehind(one.denial, issued)) }
    const { analysis, note } = await approversNeeded(await analyzeDenial(one.denial, iam, { ...around, ...behind }))
    const run = runBehind(one.record, one.denial.principal.arn, issued)
    const late = trail?.isInterim === true && analysis.timeline?.change?.outcome === 'found' ? MAY_LACK : null
    yield { analysis, note: note ?? late, place: linesText(one), line: one.line, run, cost: iam.stats() }
  }
}

const MAY_LACK =
  'the event history may lack writes of the last 15 minutes: with --account FILE of an earlier time, the write that took it away is proved'

async function withReadingTime(
  denial: Parameters<typeof analyzeDenial>[0],
  { history, reader }: IamReader,
  read: HistoryTimes,
  settings: Settings,
): Promise<Settings> {
  const { trail } = settings
  if (trail === undefined || history === undefined) return settings
  return { ...settings, trail: { ...trail, readAtMs: await readingTime(denial, reader, read) } }
}

function nothingOurs({ others, undecoded, iam }: ReadDenials) {
  const [first] = others
  const only = others.length === 1 && first !== undefined ? whyOf(first) : null
  return {
    why: seenText(others, undecoded.length > 0 ? undecodedText(undecoded) : only),
    decodable: iam.explanations === null && others.some(one => encodedOnlyIn(one.record)?.cut === false),
  }
}

function whyOf({ why, line }: OtherRead): string {
  if (why === NO_DENIAL) return LOOKED_FOR
  return line === null ? why : `line ${line}: ${why}`
}

/** A refusal that may be ours is not answered with "no denial": what was seen stands first. */
function seenText(all: readonly OtherRead[], why: string | null): string {
  const unclear = all.filter(one => one.kind === 'not-ours' && one.unclear === true)
  const [first] = unclear
  if (first === undefined) return `no denied iam:PassRole or sts:AssumeRole in the input: ${why ?? LOOKED_FOR}`
  if (all.length === 1) return why ?? whyOf(first)
  return `${unclear.length} of ${plural(all.length, 'record')} may hide a denied iam:PassRole or sts:AssumeRole: ${why ?? whyOf(first)}`
}
