/** Is every value that AWS publishes granted for its call, and is nothing else offered? */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallFacts, ServiceFacts } from '../core/denial/passed-service/service-facts.ts'
import { type Answered, ask, type PublishedCall, type Telling } from '../test/conformance/published-calls.ts'
import { readFacts } from '../tools/facts/fact-folder.ts'
import { exactly, type Report, type Table } from './report.ts'

type Operation = PublishedCall & {
  readonly roles: readonly { readonly role: string; readonly assumedBy: readonly string[] }[]
}

const facts = readFacts()
const operations = (accept: (call: CallFacts) => boolean): readonly Operation[] =>
  [...facts].flatMap(([prefix, { calls }]) =>
    calls.filter(accept).flatMap(({ sends, operations: named }) =>
      Object.entries(named).map(([operation, roles]) => ({
        prefix,
        operation,
        values: sends.published ?? [...Object.keys(sends['managed-policy'] ?? {}), ...(sends.trust ?? [])],
        roles: roles.map(one =>
          typeof one === 'string' ? { role: one, assumedBy: [] } : { role: one.role, assumedBy: one.assumedBy ?? [] },
        ),
      })),
    ),
  )

const rolesOf = (call: PublishedCall) => (call as Operation).roles
/** Request parameters with the role at the path of the call: `a[].b{}.c` as `{ a: [{ b: { x: { c } } }] }`. */
const holding = (path: string, role: string): unknown =>
  path.split('.').reduceRight<unknown>((value, step) => {
    const name = step === '*' ? 'any' : step.replace(/\[\]|\{\}/g, '')
    const held = step.includes('[]') ? [value] : step.includes('{}') ? { one: value } : value
    return { [name]: held }
  }, role)
const first = (call: PublishedCall) => rolesOf(call).find(({ role }) => role !== '')

const UNTRUSTED = 'no parameters, the role trusts no service'
type NamedTelling = Telling & { readonly name: string }
const KNOWN: NamedTelling = {
  name: 'no parameters, the role trusts what is sent',
  parameters: () => null,
  trusts: call => call.values,
}
const TELLINGS: readonly NamedTelling[] = [
  KNOWN,
  { name: UNTRUSTED, parameters: () => null, trusts: () => [] },
  {
    name: 'in its parameter, the role trusts who assumes it',
    parameters: (call, role) => (first(call) === undefined ? null : holding(first(call)?.role ?? '', role)),
    trusts: call => {
      const assumed = first(call)?.assumedBy ?? []
      return assumed.length > 0 ? assumed : call.values
    },
  },
  {
    name: 'in its parameter, the role trusts what is sent',
    parameters: (call, role) => (first(call) === undefined ? null : holding(first(call)?.role ?? '', role)),
    trusts: call => call.values,
  },
]

export async function passedService(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-facts-'))
  const published = operations(({ sends }) => sends.published !== undefined)
  const asked: (readonly [string, readonly Answered[]])[] = []
  for (const telling of TELLINGS) asked.push([telling.name, await ask(published, telling, folder)])
  const others = operations(({ sends }) => sends.published === undefined)
  const unpublished = await ask(others, KNOWN, folder)
  rmSync(folder, { recursive: true })
  const all = asked.flatMap(([, answers]) => answers)
  const trusting = asked.flatMap(([name, answers]) => (name === UNTRUSTED ? [] : answers))
  const count = (verdict: Answered['verdict']) => all.filter(answer => answer.verdict === verdict).length
  return {
    tables: [tiers(), outcomes([...asked, ['not published, the role trusts what is known', unpublished]])],
    gates: [
      exactly('wrong values', count('wrong'), 0),
      exactly('refused', all.filter(({ verdict, call }) => verdict === 'refused' && call.values.length > 0).length, 0),
      exactly('changes of a trust policy offered', trusting.filter(({ widensTrust }) => widensTrust).length, 0),
      exactly(
        'guesses called proved',
        unpublished.filter(({ sure, operator }) => sure === 'proved' && operator === 'StringEqualsIfExists').length,
        0,
      ),
    ],
    ratios: {},
    notes: [
      'A role that trusts no service is offered the one that assumes it, as a second step: that is the next failure.',
      'One denial for each call, asked of `rolemedic diagnose` with the account as a snapshot in which nothing allows iam:PassRole.',
      '“Some of them” are calls for which AWS publishes several values: what is granted are those of the parameter, or those that the role trusts.',
    ],
  }
}

function tiers(): Table {
  const rows: [string, (facts: CallFacts['sends']) => boolean][] = [
    ['published, one value', sends => sends.published?.length === 1],
    ['published, several values', sends => (sends.published?.length ?? 0) > 1],
    ['published without a value', sends => sends.published?.length === 0],
    ['an AWS managed policy names it', sends => sends.published === undefined && sends['managed-policy'] !== undefined],
    [
      'whom such roles trust: a guess',
      sends => sends.published === undefined && sends['managed-policy'] === undefined && sends.trust !== undefined,
    ],
    ['the call alone is known', sends => Object.keys(sends).length === 0],
  ]
  return {
    title: `How the value of each call is known, as of ${oldest([...facts.values()])}`,
    columns: ['evidence', 'calls', 'services'],
    rows: rows.map(([name, accept]) => {
      const calls = operations(({ sends }) => accept(sends))
      return [name, calls.length, new Set(calls.map(({ prefix }) => prefix)).size]
    }),
  }
}

const oldest = (all: readonly ServiceFacts[]): string =>
  all.flatMap(({ sources }) => sources.published?.on ?? []).sort()[0] ?? 'never'

function outcomes(asked: readonly (readonly [string, readonly Answered[]])[]): Table {
  const of = (answers: readonly Answered[], verdict: Answered['verdict']) =>
    answers.filter(answer => answer.verdict === verdict).length
  return {
    title: 'What is granted',
    columns: [
      'the role',
      'calls',
      'all values',
      'some of them',
      'IfExists, no value',
      'wrong',
      'refused',
      'proved',
      'likely',
      'widen trust',
    ],
    rows: asked.map(([name, answers]) => [
      name,
      answers.length,
      of(answers, 'exact'),
      of(answers, 'partly'),
      of(answers, 'if-exists'),
      of(answers, 'wrong'),
      of(answers, 'refused'),
      answers.filter(({ sure }) => sure === 'proved').length,
      answers.filter(({ sure }) => sure === 'likely').length,
      answers.filter(({ widensTrust }) => widensTrust).length,
    ]),
  }
}
