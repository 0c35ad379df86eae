import { DEFAULT_CONFIG } from '../../functions/core/config.ts'
import { parseConfig } from '../../functions/core/config-check.ts'
import type { ParsedDenial } from '../../functions/core/denial.ts'
import { UsageError } from '../../functions/core/errors.ts'
import { examine } from '../../functions/core/examine.ts'
import { parseMessage, parseRecord } from '../../functions/core/parse-denial.ts'
import { recordsIn } from '../../functions/core/records.ts'
import { DIAGNOSE_HELP, type DiagnoseArguments, parseDiagnoseArguments } from '../diagnose-arguments.ts'
import { openReader } from '../diagnose-reader.ts'
import { diagnosisOutput } from '../diagnosis-output.ts'
import { type Io, oneLine } from '../io.ts'

export async function run(args: readonly string[], io: Io): Promise<number> {
  const wanted = parseDiagnoseArguments(args)
  if (wanted.help) {
    io.out(DIAGNOSE_HELP)
    return 0
  }
  const parsed = await readInput(wanted, io)
  const denials = parsed.flatMap(one => (one.kind === 'denial' ? [one.denial] : []))
  const config = await readConfig(wanted.config, io)
  const { reader, explanations, stats } = await openReader(wanted, denials[0]?.region ?? null, io)
  if (denials.length === 0) return nothingOurs(parsed, io)

  const nowMs = wanted.atMs ?? io.nowMs()
  const withGetRole = wanted.withGetRole || config.grantGetRole
  for (const [index, denial] of denials.entries()) {
    const options = { reader, config, nowMs, withGetRole, asked: true }
    const examination = await examine(denial, explanations === null ? options : { ...options, explanations })
    const read = stats()
    if (wanted.json) io.out(`${JSON.stringify(diagnosisOutput(examination, read))}\n`)
    else {
      const { diagnosisText } = await import('../diagnosis-text.ts')
      io.out(`${index === 0 ? '' : '\n'}${diagnosisText(examination, { colour: io.colour, nowMs })}`)
      if (read !== null) io.err(`(${read.calls} requests to AWS, ${read.depth} deep, ${read.ms} ms)`)
    }
  }
  return 0
}

async function readInput({ file, message }: DiagnoseArguments, io: Io): Promise<readonly ParsedDenial[]> {
  if (message !== null) return [parseMessage(message)]
  const name = file === '-' || file === null ? 'standard input' : file
  const text = file === '-' || file === null ? await io.readStdin() : await io.readFile(file)
  const records = recordsIn(text)
  if (records.ok) return records.value.map(parseRecord)
  if (holdsNothing(text)) return []
  throw new UsageError(`${name}: ${records.error}`)
}

/** A log file without records is readable: there is nothing in it. */
function holdsNothing(text: string): boolean {
  return /^\s*\{\s*"(Records|Events)"\s*:\s*\[\s*\]\s*\}\s*$/.test(text.slice(0, 1_000))
}

async function readConfig(file: string | null, io: Io) {
  if (file === null) return DEFAULT_CONFIG
  const config = parseConfig(await io.readFile(file))
  if (config.ok) return config.value
  throw new UsageError(`${file}: ${config.error.join('; ')}`)
}

/** Exit code 3 when something readable was not ours, 2 when nothing could be read. */
function nothingOurs(parsed: readonly ParsedDenial[], io: Io): number {
  const others = parsed.filter(one => one.kind !== 'denial')
  const [first] = others
  if (first !== undefined && others.every(one => one.kind === 'unreadable')) throw new UsageError(first.why)
  const why = others.length === 1 && first !== undefined ? `: ${first.why}` : ''
  io.err(oneLine(`no denied iam:PassRole or sts:AssumeRole in the input${why}`))
  return 3
}
