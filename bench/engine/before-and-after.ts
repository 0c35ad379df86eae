/** The evaluator and one diagnosis, beside the engine before policies were compiled. */
import { median, percentile, round } from '../figures.ts'
import { atLeast, atMost, type Cell, type Report } from '../report.ts'
import { diagnosisWith } from './diagnosed.ts'
import { assumptions, EXACT, WILDCARD, type World, worldOf } from './evaluated-worlds.ts'
import { currentEngine, type Engine, formerEngine } from './former-engine.ts'
import { deniedRegistration, generatedAccount } from './generated-account.ts'
import { type Measured, measured, medianMs } from './processor-time.ts'

const STATEMENTS = [10, 100, 500]
const EVALUATIONS = { warmMs: 1_000, rounds: 20, roundMs: 20 }
/**
 * V8 optimizes a function after some thousand calls, and a diagnosis calls most of its eight hundred once. In a short turn,
 * most of the time would go into fetching code that the other engine has pushed out of the caches.
 */
const DIAGNOSES = { warmMs: 4_000, rounds: 10, roundMs: 200 }
const LEAST_PER_SECOND = 80_000
const TYPICAL_MS = 0.2
const LARGE_MS = 3

export async function beforeAndAfter(): Promise<Report> {
  const former = await formerEngine()
  const engines = { after: await currentEngine(), ...(former === null ? {} : { before: former.engine }) }
  const evaluations = await measuredEvaluations(engines)
  const diagnoses = await measuredDiagnoses(engines)
  const at100 = evaluations.filter(({ statements }) => statements === 100)
  const unable =
    'The history of the repository is not here, so nothing is shown of the engine before policies were compiled.'
  return {
    tables: [
      {
        title: 'Evaluations per second',
        columns: ['what', 'statements', 'before', 'after', 'times'],
        rows: evaluations.map(({ what, statements, before, after }) => [
          what,
          statements,
          ...compared(before === null ? null : perSecond(before), perSecond(after), (one, other) => other / one),
        ]),
      },
      {
        title: 'One diagnosis, from the record to the verified patch, in milliseconds of processor time',
        columns: ['what', 'before', 'after', 'times', 'p95 after'],
        rows: diagnoses.map(({ what, before, after }) => [
          what,
          ...compared(before === null ? null : medianMs(before), medianMs(after), (one, other) => one / other),
          round(percentile(after.ms, 95)),
        ]),
      },
    ],
    gates: [
      ...at100.map(({ what, after }) =>
        atLeast(`evaluations per second, 100 statements, ${what}`, perSecond(after), LEAST_PER_SECOND),
      ),
      ...diagnoses.map(({ what, after, most }) => atMost(`ms, ${what}`, round(medianMs(after)), most)),
    ],
    ratios: {},
    notes: [
      'These gates depend on the speed of the machine. They are medians of processor time, while before and after take turns.',
      `A diagnosis is measured once its code was run for ${DIAGNOSES.warmMs / 1_000} s, in turns of ${DIAGNOSES.roundMs} ms.`,
      former === null ? unable : `Before: commit ${former.commit}.`,
    ],
  }
}

type Engines = { readonly after: Engine; readonly before?: Engine }
type Rounds = typeof EVALUATIONS
type Compared = { readonly before: Measured<object> | null; readonly after: Measured<object> }

async function measuredEvaluations(engines: Engines): Promise<readonly (World & Compared)[]> {
  const worlds = [
    ...STATEMENTS.map(size => worldOf('iam:PassRole, other roles', size, EXACT)),
    ...STATEMENTS.map(size => worldOf('iam:PassRole, patterns of other roles', size, WILDCARD)),
    assumptions(),
  ]
  return inTurns(worlds, engines, EVALUATIONS, ({ evaluate }, { requests, snapshot }) => {
    let at = 0
    return () => {
      const request = requests[at++ % requests.length]
      if (request === undefined || evaluate(request, snapshot).answer !== 'denied') throw new Error('not denied')
    }
  })
}

async function measuredDiagnoses(engines: Engines) {
  const record = JSON.stringify(deniedRegistration({ id: 'engine' }))
  const account = (statements: number) => generatedAccount({ roles: 10, statements, about: 'other-roles' })
  const questions = [
    {
      what: 'typical: 10 statements, 10 roles',
      most: TYPICAL_MS,
      question: { record, account: generatedAccount({ roles: 10, statements: 10, about: 'other-actions' }) },
    },
    {
      what: 'large: 500 statements about passing other roles',
      most: LARGE_MS,
      question: { record, account: account(500) },
    },
  ]
  const all = []
  // One question after the other: before and after take turns, and a large diagnosis is no part of a typical one.
  for (const one of questions)
    all.push(
      ...(await inTurns([one], engines, DIAGNOSES, (engine, { question }) => diagnosisWith(engine, question).run)),
    )
  return all
}

async function inTurns<T extends object>(
  subjects: readonly T[],
  { before, after }: Engines,
  rounds: Rounds,
  runOf: (engine: Engine, subject: T) => () => unknown,
): Promise<readonly (T & Compared)[]> {
  const runs = (engine: Engine) => subjects.map(subject => ({ run: runOf(engine, subject) }))
  const all = await measured([...runs(after), ...(before === undefined ? [] : runs(before))], rounds)
  return subjects.map((subject, at) => {
    const now = all[at]
    if (now === undefined) throw new Error('nothing was measured')
    return { ...subject, after: now, before: all[subjects.length + at] ?? null }
  })
}

const perSecond = ({ ms }: Measured<object>): number => Math.round(1_000 / median(ms))

function compared(
  before: number | null,
  after: number,
  times: (before: number, after: number) => number,
): readonly Cell[] {
  return before === null ? ['–', round(after), '–'] : [round(before), round(after), round(times(before, after), 2)]
}
