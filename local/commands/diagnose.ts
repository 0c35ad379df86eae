import { subject } from '../../functions/core/card/subject.ts'
import { inPlain } from '../../functions/core/card/words.ts'
import { DEFAULT_CONFIG } from '../../functions/core/config.ts'
import { parseConfig } from '../../functions/core/config-check.ts'
import type { ParsedDenial } from '../../functions/core/denial.ts'
import { UsageError } from '../../functions/core/errors.ts'
import { examine } from '../../functions/core/examine.ts'
import { DIAGNOSE_HELP, parseDiagnoseArguments } from '../diagnose-arguments.ts'
import { readInput } from '../diagnose-input.ts'
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
  const denials = parsed.flatMap(one => (one.kind === 'denial' ? [one] : []))
  const config = await readConfig(wanted.config, io)
  const { reader, explanations, stats } = await openReader(wanted, denials[0]?.denial.region ?? null, io)
  if (denials.length === 0) return nothingOurs(parsed, io)

  const nowMs = wanted.atMs ?? io.nowMs()
  const withGetRole = wanted.withGetRole || config.grantGetRole
  for (const [index, { denial, place }] of denials.entries()) {
    const options = { reader, config, nowMs, withGetRole, asked: true }
    const examination = await examine(denial, explanations === null ? options : { ...options, explanations })
    const read = stats()
    if (wanted.json) {
      io.out(`${JSON.stringify(diagnosisOutput(examination, read))}\n`)
      if (place !== null) io.err(oneLine(`${place}: ${inPlain(subject(denial))}`))
    } else {
      const { diagnosisText } = await import('../diagnosis-text.ts')
      const head = place === null ? '' : `${place}\n`
      io.out(`${index === 0 ? '' : '\n'}${head}${diagnosisText(examination, { colour: io.colour, nowMs })}`)
      if (read !== null) io.err(`(${read.calls} requests to AWS, ${read.depth} deep, ${read.ms} ms)`)
    }
  }
  return 0
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
