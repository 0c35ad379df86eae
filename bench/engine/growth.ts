/** What makes a diagnosis slower, one dimension at a time, and the policies that are slowest to match. */
import { round } from '../figures.ts'
import { atMost, type Report } from '../report.ts'
import { type Diagnosis, diagnosisOf } from './diagnosed.ts'
import { GROWTH, PATHOLOGICAL } from './growing-denials.ts'
import { exponent, type Measured, measured, medianMs } from './processor-time.ts'

/**
 * A shorter warm-up is not enough: V8 still compiles after 50 ms, the time of 18 diagnoses of a call with a hundred roles, and
 * the exponent varied from 0.9 to 1.4.
 */
const ROUNDS = { warmMs: 500, rounds: 9, roundMs: 20 }
const MOST = { affects: 1.1, flat: 0.1 }
const PATHOLOGICAL_MS = 50

type Point = Measured<Diagnosis & { readonly size: number }>

export async function growth(): Promise<Report> {
  const rows: {
    readonly what: string
    readonly affects: boolean
    readonly points: readonly Point[]
    readonly slope: number
  }[] = []
  for (const { what, affects, sizes, at } of GROWTH) {
    const points = await measured(
      sizes.map(size => ({ size, ...diagnosisOf(at(size)) })),
      ROUNDS,
    )
    rows.push({ what, affects, points, slope: slopeOf(points, affects) })
  }
  const hard = await measured(
    PATHOLOGICAL.map(({ what, question }) => ({ what, ...diagnosisOf(question) })),
    ROUNDS,
  )
  return {
    tables: [
      {
        title: 'What makes a diagnosis slower, in milliseconds of processor time at each size',
        columns: ['what', 'ends with', 'at each size', 'exponent', 'at most'],
        rows: rows.map(({ what, affects, points, slope }) => [
          what,
          points.at(-1)?.result() ?? '',
          points.map(point => `${point.size.toLocaleString('en')}: ${round(medianMs(point))}`).join('  '),
          round(slope, 2),
          affects ? MOST.affects : MOST.flat,
        ]),
      },
      {
        title: 'Twenty attached policies of 6,144 characters, full of patterns that are hard to match',
        columns: ['patterns', 'ends with', 'ms'],
        rows: hard.map(one => [one.what, one.result(), round(medianMs(one))]),
      },
    ],
    gates: [
      ...rows.map(({ what, affects, slope }) =>
        atMost(`exponent, ${what}`, round(slope, 2), affects ? MOST.affects : MOST.flat),
      ),
      atMost('ms, the hardest patterns', round(Math.max(...hard.map(medianMs))), PATHOLOGICAL_MS),
    ],
    ratios: {},
    notes: [
      'An exponent is the slope of time over size, both as logarithms: 0 is no growth, 1 is in proportion. For what affects the answer, of the larger half of the sizes, because what every diagnosis costs hides it in the smaller.',
    ],
  }
}

/** The growth exponent. For sizes that affect the answer, uses only the larger ones. */
function slopeOf(points: readonly Point[], affects: boolean): number {
  const from = affects ? Math.floor(points.length / 2) - 1 : 0
  return exponent(points.slice(from).map(point => ({ size: point.size, ms: medianMs(point) })))
}
