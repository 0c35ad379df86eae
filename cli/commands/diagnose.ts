import { plural, UsageError } from '../../core/base/index.ts'
import { encodedOnlyIn } from '../../core/denial/index.ts'
import { analyze } from '../../functions/workflows/index.ts'
import { helpText } from '../command.ts'
import { DIAGNOSE, NO_INPUT, parseDiagnoseArguments } from '../diagnose/arguments.ts'
import { printerFor } from '../formats/diagnosis/printer.ts'
import { type Io, missingInput, oneLine } from '../io.ts'
import { CONFIG_FILE } from '../start/arguments.ts'
import { approversNeeded } from '../use-cases/diagnose/approvers-needed.ts'
import { decodeInputs, undecodedText } from '../use-cases/diagnose/decode-inputs.ts'
import { type DiagnoseInput, readInput } from '../use-cases/diagnose/input.ts'
import { openReader } from '../use-cases/iam-reader.ts'
import { readConfig } from '../use-cases/read-config.ts'

export const DESCRIPTION = DIAGNOSE

/** Tests replace `open`, which returns the reader for IAM. */
export async function run(args: readonly string[], io: Io, open: typeof openReader = openReader): Promise<number> {
  if (args.length === 0) return missingInput(NO_INPUT, helpText(DIAGNOSE), io)
  const wanted = parseDiagnoseArguments(args)
  if (wanted.help) {
    io.out(helpText(DIAGNOSE))
    return 0
  }
  const given = await readInput(wanted, io)
  const config = await readConfig(wanted.config, io)
  const { reader, given: accounts, explanations, stats } = await open(wanted, regionOf(given), io)
  const { inputs, undecoded } =
    explanations === null ? { inputs: given, undecoded: [] } : await decodeInputs(given, explanations)
  const denials = inputs.flatMap(one => (one.kind === 'denial' ? [one] : []))
  if (denials.length === 0) return nothingOurs(inputs, undecoded, explanations === null, io)
  if (undecoded.length > 0) io.err(oneLine(undecodedText(undecoded)))
  if (wanted.format !== 'json' && wanted.config === null) await noteUnusedConfig(io)
  if (wanted.format === 'json' && wanted.log !== null) io.err(oneLine(placesText(denials)))

  const nowMs = wanted.atMs ?? io.nowMs()
  const withGetRole = wanted.withGetRole || config.grantGetRole
  const printer = printerFor(wanted.format, io, nowMs)
  for (const { denial, place } of denials) {
    const analyzed = await analyze(denial, {
      ...{ reader, config, nowMs, withGetRole, asked: true },
      ...(accounts === null ? {} : { given: accounts }),
      ...(explanations === null ? {} : { explanations }),
    })
    const { analysis, note } = await approversNeeded(analyzed)
    await printer.one({ analysis, note, place, cost: stats() })
  }
  await printer.end()
  return 0
}

/** The JSON objects have no field for the line in the log, so stderr lists the lines in the same order. */
function placesText(denials: readonly DiagnoseInput[]): string {
  const places = denials.flatMap(({ place }) => place ?? [])
  return `${plural(denials.length, 'denial')}: ${places.join('; ')}`
}

/** `npm start` uses this file by default and `diagnose` does not, which would otherwise go unnoticed. */
async function noteUnusedConfig(io: Io): Promise<void> {
  const exists = await io.readFile(CONFIG_FILE).then(
    () => true,
    () => false,
  )
  if (exists) io.err(oneLine(`${CONFIG_FILE} exists and was not used: add --config ${CONFIG_FILE} to use it`))
}

/** The Region of the first denial, even if the denial is only in an encoded message. */
function regionOf(inputs: readonly DiagnoseInput[]): string | null {
  const denial = inputs.find(one => one.kind === 'denial')
  if (denial !== undefined) return denial.denial.region
  return inputs.map(one => encodedOnlyIn(one.record)).find(one => one !== null)?.region ?? null
}

/** A refusal that may be ours is not answered with "no denial": what was seen stands first. */
function seenText(all: readonly DiagnoseInput[], unclear: readonly DiagnoseInput[], why: string | null): string {
  const [first] = unclear
  if (first === undefined || first.kind === 'denial')
    return `no denied iam:PassRole or sts:AssumeRole in the input${why === null ? '' : `: ${why}`}`
  if (all.length === 1) return why ?? first.why
  return `${unclear.length} of ${plural(all.length, 'record')} may hide a denied iam:PassRole or sts:AssumeRole: ${why ?? first.why}`
}

/** Exit code 3 if the input is readable but has no denial of ours, 2 if nothing is readable. */
function nothingOurs(inputs: readonly DiagnoseInput[], undecoded: readonly string[], offline: boolean, io: Io): number {
  const others = inputs.filter(one => one.kind !== 'denial')
  const [first] = others
  if (first !== undefined && others.every(one => one.kind === 'unreadable')) throw new UsageError(first.why)
  const only = others.length === 1 ? (first?.why ?? null) : null
  const unclear = others.filter(one => one.kind === 'not-ours' && one.unclear === true)
  const why = undecoded.length > 0 ? undecodedText(undecoded) : only
  io.progress(null)
  const how =
    offline && others.some(one => encodedOnlyIn(one.record)?.cut === false) ? ' (with --live, AWS decodes it)' : ''
  io.err(oneLine(`${seenText(others, unclear, why)}${how}`))
  return 3
}
