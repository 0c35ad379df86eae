/** From the texts of policies to an answer, and over the same parsed policies, beside another evaluator: in ratios. */
import { evaluate } from '../../core/actions/actions.ts'
import { found } from '../../core/base/fact.ts'
import type { AccessSnapshot } from '../../core/iam/evaluation/access-snapshot.ts'
import { parsePolicy } from '../../core/iam/policy/parse-policy.ts'
import type { SourcedPolicy } from '../../core/iam/policy/sourced-policy.ts'
import { round } from '../figures.ts'
import { atLeast, exactly, type Report } from '../report.ts'
import { EXACT, worldOf } from './evaluated-worlds.ts'
import { ACCOUNT, role } from './generated-account.ts'
import { managedPolicies, type OtherEvaluator, otherEvaluator } from './other-evaluator.ts'
import { measured, medianMs } from './processor-time.ts'

const STATEMENTS = 100
const CALLERS = 400
const TIMES = { warmMs: 1_000, rounds: 10, roundMs: 100 }
const LEAST = { generated: 20, managed: 15, again: 200 } as const

export async function firstLook(): Promise<Report> {
  const other = await otherEvaluator()
  const managed = managedPolicies()
  if (other === null) return notRun('@cloud-copilot/iam-simulate cannot be installed here: first looks are not run.')
  const { requests, snapshot } = worldOf('first look', STATEMENTS, EXACT)
  const sets = [
    { name: 'generated', least: LEAST.generated, texts: textsOf(snapshot) },
    ...(managed === null ? [] : [{ name: 'managed', least: LEAST.managed, texts: managed }]),
  ]
  const rows = []
  let differing = 0
  for (const { name, least, texts } of sets) {
    const next = inTurn(requests)
    const [request] = requests
    if (request !== undefined) {
      const answer = evaluate(request, withTexts(snapshot, texts)).answer === 'allowed'
      if (answer !== (await other.fromTexts(texts, request, ACCOUNT))) differing += 1
    }
    const [ours, theirs] = await measured(
      [
        { run: () => evaluate(next(), withTexts(snapshot, texts)).answer },
        { run: () => other.fromTexts(texts, next(), ACCOUNT) },
      ],
      TIMES,
    )
    if (ours !== undefined && theirs !== undefined)
      rows.push({ what: `first look, ${name}`, least, ours: medianMs(ours), theirs: medianMs(theirs) })
  }
  rows.push(await askedAgain(other))
  return {
    tables: [
      {
        title: `Microseconds of processor time; first look: ${STATEMENTS} generated statements, or ${managed?.length ?? 0} policies of AWS; asked again: ${CALLERS} callers in turn`,
        columns: ['what', 'rolemedic', 'iam-simulate', 'ratio'],
        rows: rows.map(({ what, ours, theirs }) => [
          what,
          round(ours * 1000),
          round(theirs * 1000),
          round(theirs / ours),
        ]),
      },
    ],
    gates: [
      exactly('first looks with another answer', differing, 0),
      ...rows.map(({ what, least, ours, theirs }) =>
        atLeast(`times as fast as iam-simulate, ${what}`, round(theirs / ours), least),
      ),
    ],
    ratios: Object.fromEntries(rows.map(({ what, ours, theirs }) => [what, round(theirs / ours)])),
    notes: [
      'First look: JSON texts to the answer, with runSimulation. Asked again: the same parsed documents, with the engine below it.',
      ...(managed === null
        ? ['The archive of AWS’s managed policies cannot be read here: that first look is not run.']
        : []),
    ],
  }
}

const notRun = (note: string): Report => ({ tables: [], gates: [], ratios: {}, notes: [note] })

async function askedAgain(other: OtherEvaluator) {
  const { requests } = worldOf('asked again', 1, EXACT)
  const callers = Array.from({ length: CALLERS }, (_, caller) => {
    const { snapshot } = worldOf('asked again', STATEMENTS, at => EXACT(at * CALLERS + caller))
    const texts = textsOf(snapshot)
    return { snapshot: withTexts(snapshot, texts), loaded: texts.map(other.load) }
  })
  const [next, one, another] = [inTurn(requests), inTurn(callers), inTurn(callers)]
  const [ours, theirs] = await measured(
    [
      { run: () => evaluate(next(), one().snapshot).answer },
      { run: () => other.overLoaded(another().loaded, next(), ACCOUNT) },
    ],
    TIMES,
  )
  if (ours === undefined || theirs === undefined) throw new Error('not measured')
  return { what: `asked again, ${CALLERS} callers`, least: LEAST.again, ours: medianMs(ours), theirs: medianMs(theirs) }
}

function inTurn<T>(all: readonly T[]): () => T {
  let at = 0
  return () => all[at++ % all.length] as T
}

function textsOf({ caller }: AccessSnapshot): readonly string[] {
  if (caller.kind !== 'found') throw new Error('no caller')
  return caller.value.policies.map(({ document }) => JSON.stringify(document))
}

/** Each text is parsed and compiled again. */
function withTexts(snapshot: AccessSnapshot, texts: readonly string[]): AccessSnapshot {
  const { caller } = snapshot
  if (caller.kind !== 'found') throw new Error('no caller')
  const policies = texts.map((text, n): SourcedPolicy => {
    const parsed = parsePolicy(text)
    if (!parsed.ok) throw new Error(parsed.error)
    return { type: 'identity', name: `p${n}`, arn: null, attachedTo: role('deployer'), document: parsed.value }
  })
  return { ...snapshot, caller: found({ ...caller.value, policies }) }
}
