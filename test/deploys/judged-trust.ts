/** What preflight answers about the trust of a labelled case. */
import { processIo } from '../../cli/io.ts'
import { preflightDeploy } from '../../cli/use-cases/preflight/preflight.ts'
import type { DeploySource } from '../../cli/use-cases/preflight/sources.ts'
import type { UseCaseWorld } from '../../cli/use-cases/world.ts'
import type { NeedAnswer } from '../../functions/workflows/index.ts'
import { accountOf, DEPLOYER, type Expected, TRUST_CASES, type TrustCase } from './trust-cases.ts'

export type Judged = { readonly answer: Expected | null; readonly fixes: readonly (string | null)[] }

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

const worldWith = (account: string): UseCaseWorld => ({
  ...IO,
  progress: () => {},
  nowMs: () => Date.parse('2026-11-29T09:00:00Z'),
  readBytes: () => bytesOf(account),
})

const IO = processIo()

async function answersFor(source: DeploySource, account: string): Promise<readonly NeedAnswer[]> {
  const access = { accounts: ['account.json'], org: null, live: null }
  const common = { as: DEPLOYER, access, config: null, region: 'eu-west-1', parameters: new Map(), atMs: null }
  const answer = await preflightDeploy({ ...common, sources: [source] }, worldWith(account))
  return answer.kind === 'report' ? answer.report.answers : []
}

/** Null: a service of the label, or one of its actions, has no need, or another one has. */
export async function judge(one: TrustCase): Promise<Judged> {
  return trustIn(await answersFor({ kind: 'text', name: 'source', text: one.source }, accountOf(one)), one)
}

/** The needs of services in a file. */
export async function judgeFile(name: string): Promise<readonly NeedAnswer[]> {
  const answers = await answersFor({ kind: 'path', name }, accountOf({ live: null }))
  return answers.filter(({ by }) => by.kind === 'service')
}

function trustIn(answers: readonly NeedAnswer[], { label }: TrustCase): Judged {
  const { services, actions = ['sts:AssumeRole'] } = label
  const own = services.flatMap(service =>
    actions.map(action => answers.find(({ need, by }) => by.name === service && need.action === action)),
  )
  const found = own.filter(one => one !== undefined)
  const all = found.map(({ answer }) => answer)
  const worst = all.includes('denied') ? 'denied' : all.includes('unknown') ? 'unknown' : 'allowed'
  const others = answers.filter(one => one.by.kind === 'service' && !own.includes(one))
  return {
    answer: found.length < own.length || others.length > 0 ? null : worst,
    fixes: [...new Set(found.map(({ fix }) => fix))],
  }
}

export type TrustAssessment = {
  readonly faults: number
  readonly right: number
  readonly unknown: number
  /** Faults that were not found, and right ones or unknown ones that were called wrong, by name. */
  readonly missed: readonly string[]
  readonly falseAlarms: readonly string[]
  readonly wronglyKnown: readonly string[]
}

export async function assessTrust(): Promise<TrustAssessment> {
  const missed: string[] = []
  const falseAlarms: string[] = []
  const wronglyKnown: string[] = []
  for (const one of TRUST_CASES) {
    const { answer } = await judge(one)
    if (one.answer === 'denied' && answer !== 'denied') missed.push(one.name)
    if (one.answer !== 'denied' && answer === 'denied') falseAlarms.push(one.name)
    if (one.answer === 'unknown' && answer !== 'unknown') wronglyKnown.push(one.name)
  }
  const count = (wanted: Expected) => TRUST_CASES.filter(({ answer }) => answer === wanted).length
  return {
    faults: count('denied'),
    right: count('allowed'),
    unknown: count('unknown'),
    missed,
    falseAlarms,
    wronglyKnown,
  }
}
