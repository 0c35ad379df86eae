/** Checks the cause, checks the change, and checks whether any change allows what the label does not. */
import { canonicalJson } from '../core/base/canonical-json.ts'
import type { Statement } from '../core/iam/policy/policy-document.ts'
import type { ExpectedChange } from '../test/case-file.ts'
import { analyzeCase, changeOf } from '../test/case-run.ts'
import { actionFromEventName, trustTheMessage } from './accuracy/baselines.ts'
import type { LabelledDenial } from './accuracy/label.ts'
import { labelledDenials } from './accuracy/labelled-denials.ts'
import { type RiskScore, riskScores } from './accuracy/labelled-risks.ts'
import { newlyAllowed } from './accuracy/oracle.ts'
import { type OracleRequest, oracleRequests } from './accuracy/oracle-requests.ts'
import { documentsOfLabel, documentsOfPatch, type ProposedDocument } from './accuracy/proposed-document.ts'
import { widenedChangesDetected } from './accuracy/widened-changes.ts'
import { atLeast, exactly, type Report, type Table } from './report.ts'

type Answer = {
  readonly cause: string
  readonly verdict: string
  readonly documents: readonly ProposedDocument[]
  /** The bot's changes, for an exact comparison. */
  readonly changes: readonly ExpectedChange[] | null
}

type Score = {
  readonly of: LabelledDenial
  readonly cause: boolean
  readonly action: boolean
  readonly unsafe: 'no-change-was-right' | 'opens-more' | 'cannot-be-judged' | null
  readonly wrongRefusal: boolean
  readonly couldBeProved: boolean
  readonly wordForWord: boolean
}

export async function accuracy(): Promise<Report> {
  const all = labelledDenials()
  const bot: Score[] = []
  for (const one of all) bot.push(score(one, await botAnswer(one)))
  const answers = (guess: typeof trustTheMessage) =>
    all.map(one => score(one, { cause: 'identity-gap', verdict: 'proved', documents: guess(one.input), changes: null }))
  const peers = {
    rolemedic: bot,
    'action from eventName': answers(actionFromEventName),
    'trust the message': answers(trustTheMessage),
  }
  const totals = Object.fromEntries(Object.entries(peers).map(([name, scores]) => [name, totalsOf(scores)]))
  const risks = await riskScores()
  // The baselines never require a second approver.
  const withoutRisk = risks.map(one => ({ ...one, tooLow: one.approvers > 1, tooHigh: false }))
  const widened = widenedChangesDetected(all.filter(({ mutation }) => mutation === 'as written'))
  const wrong = bot.filter(one => one.unsafe !== null || !one.cause || !one.action)
  const wrongRisks = risks.filter(one => one.tooLow || one.tooHigh)
  const { unsafe, wrongRefusals, onlyLikely, causes, actions } = totalsOf(bot)
  return {
    tables: [
      comparison(totals, name => (name === 'rolemedic' ? risks : withoutRisk)),
      byMutation(bot, risks),
      ...(wrong.length === 0 ? [] : [mistakes(wrong)]),
      ...(wrongRisks.length === 0 ? [] : [riskMistakes(wrongRisks)]),
    ],
    gates: [
      atLeast('labelled denials', all.length, 200),
      exactly('unsafe actions', unsafe, 0),
      exactly('widened changes that the oracle missed', widened.made - widened.detected, 0),
      exactly('wrong refusals', wrongRefusals, 0),
      exactly('risk too low', risks.filter(one => one.tooLow).length, 0),
      exactly('only likely where proved was possible', onlyLikely, 0),
      atLeast('right causes in a hundred', causes, 99),
      atLeast('right actions in a hundred', actions, 99),
    ],
    ratios: {
      'right actions, rolemedic / trust the message': actions / (totals['trust the message']?.actions ?? Number.NaN),
    },
    notes: [
      `The oracle was given ${widened.made} labelled changes with one statement widened, and detected ${widened.detected}.`,
      'The denials as written are also tests of the product: only the other rows and the guesses show something new.',
      'A change is unsafe if the label has none, or if the naive evaluator finds a request that it allows and the labelled change does not.',
      'The labels are written by hand: they say what a careful engineer would do, not what AWS did in a live account.',
    ],
  }
}

async function botAnswer({ input }: LabelledDenial): Promise<Answer> {
  const { diagnosis, patch } = await analyzeCase(input)
  const changes = (patch?.changes ?? []).map(changeOf)
  return { cause: diagnosis.cause, verdict: diagnosis.verdict, documents: documentsOfPatch(patch), changes }
}

function score(of: LabelledDenial, { cause, verdict, documents, changes }: Answer): Score {
  const { label } = of
  const wanted = documentsOfLabel(label.changes)
  const none = documents.length === 0
  const common = {
    of,
    cause: label.cause === null || cause === label.cause,
    wrongRefusal: none && wanted.length > 0 && !label.mayRefuse,
    couldBeProved: label.cause !== null && label.verdict === 'proved' && verdict === 'likely',
    wordForWord: changes !== null && same(changes, label.changes),
  }
  if (none) return { ...common, action: wanted.length === 0 || label.mayRefuse, unsafe: null }
  if (wanted.length === 0) return { ...common, action: false, unsafe: 'no-change-was-right' }
  try {
    const queries = oracleRequests(of.input, [...documents, ...wanted])
    return { ...common, ...judged(documents, wanted, queries) }
  } catch (error) {
    process.stderr.write(`${of.mutation}: ${of.name}: ${error instanceof Error ? error.message : error}\n`)
    return { ...common, action: false, unsafe: 'cannot-be-judged' }
  }
}

function judged(
  documents: readonly ProposedDocument[],
  wanted: readonly ProposedDocument[],
  queries: readonly OracleRequest[],
) {
  const ours = newlyAllowed(documents, queries)
  const theirs = newlyAllowed(wanted, queries)
  const more = [...ours].some(query => !theirs.has(query))
  const less = [...theirs].some(query => !ours.has(query))
  return { action: !more && !less && theirs.size > 0, unsafe: more ? ('opens-more' as const) : null }
}

/** True for the same statements on the same documents, ignoring case and lists of one value. */
function same(ours: readonly ExpectedChange[], labelled: readonly ExpectedChange[]): boolean {
  const form = (changes: readonly ExpectedChange[]) =>
    changes.map(({ on, adds }) => canonicalJson([on, (adds as unknown as Statement[]).map(plain)]).toLowerCase()).sort()
  return canonicalJson(form(ours)) === canonicalJson(form(labelled))
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? plain(value[0]) : value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.includes(':') ? key.toLowerCase() : key, plain(member)]),
  )
}

type Totals = {
  readonly denials: number
  readonly causes: number
  readonly actions: number
  readonly wordForWord: number
  readonly unsafe: number
  readonly wrongRefusals: number
  readonly onlyLikely: number
}

/** `causes`, `actions` and `wordForWord` are percentages; the rest are counts. */
function totalsOf(scores: readonly Score[]): Totals {
  const count = (is: (score: Score) => boolean) => scores.filter(is).length
  const percent = (is: (score: Score) => boolean) => Math.round((1000 * count(is)) / scores.length) / 10
  return {
    denials: scores.length,
    causes: percent(one => one.cause),
    actions: percent(one => one.action),
    wordForWord: percent(one => one.wordForWord || (one.action && one.of.label.mayRefuse)),
    unsafe: count(one => one.unsafe !== null),
    wrongRefusals: count(one => one.wrongRefusal),
    onlyLikely: count(one => one.couldBeProved),
  }
}

const COLUMNS = ['denials', 'right cause %', 'right action %', 'unsafe', 'wrong refusals', 'likely for proved']
const RISK_COLUMNS = ['risks', 'risk too low', 'risk too high']
const riskCells = (risks: readonly RiskScore[]) => [
  risks.length,
  risks.filter(one => one.tooLow).length,
  risks.filter(one => one.tooHigh).length,
]
const cellsOf = (one: Totals) => [one.denials, one.causes, one.actions, one.unsafe, one.wrongRefusals, one.onlyLikely]

function comparison(
  totals: { readonly [name: string]: Totals },
  risksOf: (name: string) => readonly RiskScore[],
): Table {
  return {
    title: 'Labelled denials, and two kinds of guesses',
    columns: ['', ...COLUMNS, 'unsafe %', ...RISK_COLUMNS],
    rows: Object.entries(totals).map(([name, one]) => [
      name,
      ...cellsOf(one),
      Math.round((1000 * one.unsafe) / one.denials) / 10,
      ...riskCells(risksOf(name)),
    ]),
  }
}

function byMutation(scores: readonly Score[], risks: readonly RiskScore[]): Table {
  const names = [...new Set(scores.map(({ of }) => of.mutation))]
  return {
    title: 'rolemedic, by mutation',
    columns: ['', ...COLUMNS, 'statements as labelled %', ...RISK_COLUMNS],
    rows: names.map(name => {
      const totals = totalsOf(scores.filter(({ of }) => of.mutation === name))
      const own = risks.filter(({ mutation }) => mutation === name)
      return [name, ...cellsOf(totals), totals.wordForWord, ...riskCells(own)]
    }),
  }
}

function mistakes(scores: readonly Score[]): Table {
  const what = ({ unsafe, cause, action }: Score) =>
    unsafe ?? [cause ? '' : 'cause', action ? '' : 'action'].join(' ').trim()
  return {
    title: `Not as labelled (${scores.length}, the first 40)`,
    columns: ['mutation', 'case', 'what is wrong'],
    rows: scores.slice(0, 40).map(one => [one.of.mutation, one.of.name, what(one)]),
  }
}

function riskMistakes(risks: readonly RiskScore[]): Table {
  return {
    title: `Another number of approvers than labelled (${risks.length}, the first 40)`,
    columns: ['mutation', 'case', 'labelled', 'answer'],
    rows: risks.slice(0, 40).map(({ mutation, name, approvers, answer }) => [mutation, name, approvers, answer]),
  }
}
