/** Measures the evaluator and one diagnosis. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'
import { evaluate } from '../../core/actions/actions.ts'
import { median, percentile, round } from '../figures.ts'
import { atLeast, atMost, type Report } from '../report.ts'
import { diagnosisOf } from './diagnosed.ts'
import { assumptions, EXACT, WILDCARD, worldOf } from './evaluated-worlds.ts'
import { deniedRegistration, generatedAccount } from './generated-account.ts'
import { type Measured, measured, medianMs } from './processor-time.ts'

const STATEMENTS = [10, 100, 500]
const EVALUATIONS = { warmMs: 1_000, rounds: 20, roundMs: 20 }
/** V8 optimizes a function after some thousand calls, and a diagnosis calls most of its eight hundred functions once. */
const DIAGNOSES = { warmMs: 4_000, rounds: 10, roundMs: 200 }
const LEAST_PER_SECOND = 80_000
const TYPICAL_MS = 0.2
const LARGE_MS = 3
const FIRST_MS = 8
const PROCESSES = 9

export async function speed(): Promise<Report> {
  const evaluations = await measuredEvaluations()
  const diagnoses = [...(await measuredDiagnoses()), firstDiagnoses()]
  const at100 = evaluations.filter(({ statements }) => statements === 100)
  return {
    tables: [
      {
        title: 'Evaluations per second',
        columns: ['what', 'statements', 'per second'],
        rows: evaluations.map(one => [one.what, one.statements, perSecond(one)]),
      },
      {
        title: 'One diagnosis, from the record to the verified patch, in milliseconds of processor time',
        columns: ['what', 'median', 'p95'],
        rows: diagnoses.map(one => [one.what, round(medianMs(one)), round(percentile(one.ms, 95))]),
      },
    ],
    gates: [
      ...at100.map(one =>
        atLeast(`evaluations per second, 100 statements, ${one.what}`, perSecond(one), LEAST_PER_SECOND),
      ),
      ...diagnoses.map(one => atMost(`ms, ${one.what}`, round(medianMs(one)), one.most)),
    ],
    ratios: {},
    notes: [
      'These gates depend on the speed of the machine. They are medians of processor time.',
      `A diagnosis is measured once its code was run for ${DIAGNOSES.warmMs / 1_000} s, in turns of ${DIAGNOSES.roundMs} ms.`,
    ],
  }
}

function measuredEvaluations() {
  const worlds = [
    ...STATEMENTS.map(size => worldOf('iam:PassRole, other roles', size, EXACT)),
    ...STATEMENTS.map(size => worldOf('iam:PassRole, patterns of other roles', size, WILDCARD)),
    assumptions(),
  ]
  const runs = worlds.map(({ what, statements, requests, snapshot }) => {
    let at = 0
    const run = () => {
      const request = requests[at++ % requests.length]
      if (request === undefined || evaluate(request, snapshot).answer !== 'denied') throw new Error('not denied')
    }
    return { what, statements, run }
  })
  return measured(runs, EVALUATIONS)
}

async function measuredDiagnoses() {
  const record = JSON.stringify(deniedRegistration({ id: 'engine' }))
  const typical = generatedAccount({ roles: 10, statements: 10, about: 'other-actions' })
  const large = generatedAccount({ roles: 10, statements: 500, about: 'other-roles' })
  const questions = [
    { what: 'typical: 10 statements, 10 roles', most: TYPICAL_MS, account: typical },
    { what: 'large: 500 statements about passing other roles', most: LARGE_MS, account: large },
  ]
  const all = []
  // One after another, so that a large diagnosis does not affect a typical one.
  for (const { what, most, account } of questions)
    all.push(...(await measured([{ what, most, run: diagnosisOf({ record, account }).run }], DIAGNOSES)))
  return all
}

/** Each in a process of its own, which compiles what it calls. */
function firstDiagnoses() {
  const one = () =>
    execFileSync(process.execPath, [join(import.meta.dirname, 'first-diagnosis.ts')], { encoding: 'utf8' })
  const ms = Array.from({ length: PROCESSES }, () => z.object({ first: z.number() }).parse(JSON.parse(one())).first)
  return { what: 'the first of a process: 10 statements, 10 roles', most: FIRST_MS, ms }
}

const perSecond = ({ ms }: Measured<object>): number => Math.round(1_000 / median(ms))
