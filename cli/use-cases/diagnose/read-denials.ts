/** The denials of an input, with what IAM is read from. */

import { UsageError } from '../../../core/base/index.ts'
import { type Denial, encodedOnlyIn, type FoundInText } from '../../../core/denial/index.ts'
import { type Analysis, type AnalysisOptions, analyze } from '../../../functions/workflows/index.ts'
import { type IamReader, type IamSource, openReader } from '../iam-reader.ts'
import type { UseCaseWorld } from '../world.ts'
import { decodeInputs } from './decode-inputs.ts'
import { type DenialInput, type DenialsRead, readInput } from './input.ts'

type Kind<K> = Extract<FoundInText, { readonly kind: K }>
export type DenialRead = Kind<'denial'>
export type OtherRead = Exclude<FoundInText, DenialRead>

export type ReadDenials = {
  readonly denials: readonly DenialRead[]
  readonly others: readonly OtherRead[]
  /** Why encoded messages were not decoded. */
  readonly undecoded: readonly string[]
  /** What was left out. */
  readonly notes: readonly string[]
  readonly iam: IamReader
}

export type OpenReader = typeof openReader

/** Throws UsageError for an input that cannot be read. `found`: what was read from it before. */
export async function readDenials(
  { input, access, found }: { readonly input: DenialInput; readonly access: IamSource; readonly found?: DenialsRead },
  world: UseCaseWorld,
  open: OpenReader = openReader,
): Promise<ReadDenials> {
  const { inputs: given, notes } = found ?? (await readInput(input))
  const iam = await open(access, regionOf(given), world)
  const { inputs, undecoded } =
    iam.explanations === null ? { inputs: given, undecoded: [] } : await decodeInputs(given, iam.explanations)
  const denials = inputs.filter(one => one.kind === 'denial')
  const others = inputs.filter(one => one.kind !== 'denial')
  const [first] = others
  if (denials.length === 0 && first !== undefined && others.every(one => one.kind === 'unreadable'))
    throw new UsageError(first.why)
  return { denials, others, undecoded, notes, iam }
}

export function analyzeDenial(
  denial: Denial,
  { reader, given, explanations }: IamReader,
  settings: Pick<AnalysisOptions, 'config' | 'nowMs' | 'withGetRole' | 'trail' | 'chain'>,
): Promise<Analysis> {
  return analyze(denial, {
    ...{ ...settings, reader, asked: true },
    ...(given === null ? {} : { given }),
    ...(explanations === null ? {} : { explanations }),
  })
}

/** The Region of the first denial, even if the denial is only in an encoded message. */
function regionOf(inputs: readonly FoundInText[]): string | null {
  const denial = inputs.find(one => one.kind === 'denial')
  if (denial !== undefined) return denial.denial.region
  return inputs.map(one => encodedOnlyIn(one.record)).find(one => one !== null)?.region ?? null
}
