/** Runs one case through the whole pipeline, and returns the result in the words of the case files. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson } from '../core/base/canonical-json.ts'
import { memoize } from '../core/base/memoize.ts'
import type { AwsEvaluation, Denial } from '../core/denial/denial.ts'
import { parseMessage, parseRecord } from '../core/denial/parse-denial.ts'
import type { Statement } from '../core/iam/policy/policy-document.ts'
import type { PolicyChange } from '../core/patch/patch.ts'
import { snapshotReader } from '../functions/adapters/files/account-snapshot.ts'
import { configSchema } from '../functions/domain/config/config.ts'
import { type Analysis, analyze } from '../functions/workflows/denial/analyze-denial.ts'
import { accountsOf, type Case, type CaseFile, type ExpectedChange, eventOf, orgOf, readCaseFile } from './case-file.ts'

const folder = join(import.meta.dirname, 'cases')
export const NOW_MS = Date.parse('2026-11-24T22:00:00Z')

/** Paths under `test/cases`. */
export const CASE_FILES: readonly string[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.json') && !/^(?:posts|hints|deploy-texts|runs)\b/.test(name))
  .sort()

export const caseFile = memoize((name: string): CaseFile => readCaseFile(readFileSync(join(folder, name), 'utf8')))

/** Everything that the product receives for one case. */
export type CaseInput = {
  readonly event: unknown
  readonly message: string | undefined
  readonly aws: Case['aws']
  readonly accounts: readonly { readonly name: string; readonly text: string }[]
  readonly org: string | null
  readonly config: Case['config']
  readonly withGetRole: boolean
}

export function inputOf(file: CaseFile, one: Case): CaseInput {
  const { message, aws, config, withGetRole } = one
  const event = eventOf(file, one)
  return { event, message, aws, accounts: accountsOf(file, one), org: orgOf(file, one), config, withGetRole }
}

export function denialOf({ event, message, aws }: CaseInput): Denial {
  const parsed = event === null ? parseMessage(message ?? '') : parseRecord(event)
  if (parsed.kind !== 'denial') throw new Error(`not a denial of ours: ${parsed.why}`)
  if (aws === undefined) return parsed.denial
  const awsEvaluation = { matchedStatements: [], context: {}, policies: [], action: null, resource: null, ...aws }
  return { ...parsed.denial, awsEvaluation: awsEvaluation as unknown as AwsEvaluation }
}

export async function analyzeCase(input: CaseInput): Promise<Analysis> {
  const { accounts, org, withGetRole } = input
  const reader = snapshotReader({ files: accounts, ...(org === null ? {} : { org }) })
  const config = configSchema.parse(input.config)
  // An error text alone comes from a person, and has no time.
  const asked = input.event === null
  return analyze(denialOf(input), { reader, config, nowMs: NOW_MS, withGetRole, asked, given: reader.given })
}

const analyses = new WeakMap<Case, Promise<Analysis>>()

/** The analysis of one case of `caseFile`, once for all tests of a thread: nobody may change it. */
export function analysisOf(file: CaseFile, one: Case): Promise<Analysis> {
  const analysis = analyses.get(one) ?? analyzeCase(inputOf(file, one))
  analyses.set(one, analysis)
  return analysis
}

/** The bot's own Sids contain a digest of the denial, which a case does not check. */
function withoutOwnSid({ Sid, ...rest }: Statement): Statement {
  return Sid === undefined || /^Rolemedic[0-9a-f]{8}/.test(Sid) ? rest : { Sid, ...rest }
}

export function changeOf({ target, before, after }: PolicyChange): ExpectedChange {
  const old = before?.Statement ?? []
  const lacks = (statements: readonly Statement[]) => (one: Statement) =>
    !statements.some(other => canonicalJson(other) === canonicalJson(one))
  return {
    on: `${target.kind} ${target.name}${target.policyName === null ? '' : `/${target.policyName}`}`,
    adds: after.Statement.filter(lacks(old)).map(withoutOwnSid),
    drops: old.filter(lacks(after.Statement)).map(withoutOwnSid),
  }
}
