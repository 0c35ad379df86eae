/** The change as an edit of the code that owns the role. */

import { canonicalJson, UsageError, withoutTerminalSequences } from '../../core/base/index.ts'
import type { PolicyChange } from '../../core/patch/index.ts'
import type { Config } from '../../functions/domain/config/index.ts'
import { type Analysis, analyze } from '../../functions/workflows/index.ts'
import { type CodeChange, type CodeHints, type EntityHints, editCode, hintsFromTags } from '../../iac/edit/index.ts'
import { codePlaceOf, matchesPath } from '../../iac/repository/index.ts'
import { helpText } from '../command.ts'
import { patchCodeOutput } from '../formats/patch-code/json-output.ts'
import { unifiedDiff } from '../formats/patch-code/unified-diff.ts'
import { type Io, missingInput, oneLine } from '../io.ts'
import { jsonText } from '../json-text.ts'
import { NO_FOLDER, PATCH_CODE, parsePatchCodeArguments } from '../patch-code/arguments.ts'
import { decodeInputs, undecodedText } from '../use-cases/diagnose/decode-inputs.ts'
import { readInput } from '../use-cases/diagnose/input.ts'
import { openReader } from '../use-cases/iam-reader.ts'
import { type CodeCheckout, readRepository, writeEdits } from '../use-cases/patch-code/repository.ts'
import { readConfig } from '../use-cases/read-config.ts'

export const DESCRIPTION = PATCH_CODE

/** Tests replace `open`, which returns the reader for IAM. */
export async function run(args: readonly string[], io: Io, open: typeof openReader = openReader): Promise<number> {
  if (args.length === 0) return missingInput(NO_FOLDER, helpText(PATCH_CODE), io)
  const wanted = parsePatchCodeArguments(args)
  if (wanted.help) {
    io.out(helpText(PATCH_CODE))
    return 0
  }
  const repository = await readRepository(wanted.folder)
  const config = await readConfig(wanted.diagnose.config, io)
  const analyses = await analysesOf(wanted.diagnose, config, io, open)
  if (analyses === null) return 3
  const patched = analyses.filter(({ patch }) => patch !== null)
  for (const { refusal } of analyses.filter(({ patch }) => patch === null))
    io.err(oneLine(`nothing to change: ${refusal?.message ?? 'there is no patch'}`))
  if (patched.length === 0) return 3
  for (const line of repository.skipped) io.err(oneLine(`${line}: not read`))

  const required = onlyOnce(patched.flatMap(({ patch }) => patch?.changes ?? []))
  const change = await codeChange(required, within(repository, patched, config), patched)
  const later = onlyOnce(patched.flatMap(({ followUps }) => followUps))
  if (change.outcome === 'exact' && wanted.write) await writeEdits(wanted.folder, change.edits)
  if (wanted.json) io.out(`${jsonText(patchCodeOutput(change, [...required, ...later]))}\n`)
  else print(change, wanted.write, io)
  return EXITS[change.outcome]
}

const EXITS = { exact: 0, draft: 1, present: 3 } as const

/** Null where the input has no denial of ours; the reason is on standard error. */
async function analysesOf(
  wanted: Parameters<typeof openReader>[0],
  config: Config,
  io: Io,
  open: typeof openReader,
): Promise<readonly Analysis[] | null> {
  const given = await readInput(wanted, io, 'give that sentence with --message')
  const first = given.find(one => one.kind === 'denial')
  const { reader, given: accounts, explanations } = await open(wanted, first?.denial.region ?? null, io)
  const { inputs, undecoded } =
    explanations === null ? { inputs: given, undecoded: [] } : await decodeInputs(given, explanations)
  if (undecoded.length > 0) io.err(oneLine(undecodedText(undecoded)))
  const denials = inputs.flatMap(one => (one.kind === 'denial' ? [one.denial] : []))
  const others = inputs.filter(one => one.kind !== 'denial')
  if (denials.length === 0) {
    const [other] = others
    if (other !== undefined && others.every(one => one.kind === 'unreadable')) throw new UsageError(other.why)
    io.err(
      oneLine(`no denied iam:PassRole or sts:AssumeRole in the input${other === undefined ? '' : `: ${other.why}`}`),
    )
    return null
  }
  const analyses: Analysis[] = []
  for (const denial of denials)
    analyses.push(
      await analyze(denial, {
        ...{ reader, config, nowMs: io.nowMs(), withGetRole: config.grantGetRole, asked: true },
        ...(accounts === null ? {} : { given: accounts }),
        ...(explanations === null ? {} : { explanations }),
      }),
    )
  return analyses
}

/** Two records of one denial ask for one change. */
const onlyOnce = (changes: readonly PolicyChange[]): readonly PolicyChange[] => [
  ...new Map(changes.map(change => [change.digest, change])).values(),
]

type Searched = CodeCheckout & Pick<CodeHints, 'kind'>

/** The files and the kind that `repositories` in the configuration names for these roles; everything where it names none. */
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
  const { loadParsers } = await import('../../functions/adapters/syntax/parsers.ts')
  const hints: CodeHints = { kind, entities: new Map(analyses.flatMap(entityHints)) }
  return editCode(changes, files, hints, await loadParsers(), leftOut)
}

const entityHints = ({ snapshot }: Analysis): readonly (readonly [string, EntityHints])[] =>
  [snapshot.caller, ...snapshot.targets.map(({ role }) => role)].flatMap(read =>
    read.kind === 'found' ? [[read.value.arn, hintsFromTags(read.value.tags)] as const] : [],
  )

function print(change: CodeChange, isWritten: boolean, io: Io): void {
  if (change.outcome === 'draft') {
    io.err(oneLine(`draft: ${change.reason}`))
    if (change.snippet !== null) io.out(change.snippet)
    return
  }
  if (change.outcome === 'present') {
    io.err(oneLine(change.reason))
    return
  }
  if (isWritten) io.out(change.edits.map(({ file }) => `${file}\n`).join(''))
  else {
    const diff = change.edits.map(unifiedDiff).join('')
    // A terminal obeys escape sequences, and the lines around the edit are from the repository.
    io.out(io.colour ? withoutTerminalSequences(diff) : diff)
  }
}
