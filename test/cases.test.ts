import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { snapshotReader } from '../functions/adapters/account-snapshot.ts'
import { canonicalJson } from '../functions/core/canonical.ts'
import { configSchema } from '../functions/core/config.ts'
import type { AwsEvaluation, Denial } from '../functions/core/denial.ts'
import { type Examination, examine } from '../functions/core/examine.ts'
import { parseMessage, parseRecord } from '../functions/core/parse-denial.ts'
import type { PolicyChange } from '../functions/core/patch.ts'
import type { Statement } from '../functions/core/policy.ts'
import { accountsOf, type Case, type CaseFile, type ExpectedChange, eventOf, orgOf, readCaseFile } from './case-file.ts'

const folder = join(import.meta.dirname, 'cases')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.json'))
  .sort()
const NOW_MS = Date.parse('2026-11-24T22:00:00Z')

function denialOf(file: CaseFile, one: Case): Denial {
  const event = eventOf(file, one)
  const parsed = event === null ? parseMessage(one.message ?? '') : parseRecord(event)
  if (parsed.kind !== 'denial') throw new Error(`not a denial of ours: ${parsed.why}`)
  if (one.aws === undefined) return parsed.denial
  const awsEvaluation = { matchedStatements: [], context: {}, action: null, resource: null, ...one.aws }
  return { ...parsed.denial, awsEvaluation: awsEvaluation as unknown as AwsEvaluation }
}

async function run(file: CaseFile, one: Case): Promise<Examination> {
  const org = orgOf(file, one)
  const reader = snapshotReader({ files: accountsOf(file, one), ...(org === null ? {} : { org }) })
  const config = configSchema.parse(one.config)
  return examine(denialOf(file, one), { reader, config, nowMs: NOW_MS, withGetRole: one.withGetRole })
}

/** The bot's own Sids hold a digest of the denial: they are not what a case is about. */
function withoutOwnSid({ Sid, ...rest }: Statement): Statement {
  return Sid === undefined || /^Rolemedic[0-9a-f]{8}/.test(Sid) ? rest : { Sid, ...rest }
}

function changeOf({ target, before, after }: PolicyChange): ExpectedChange {
  const old = before?.Statement ?? []
  const lacks = (statements: readonly Statement[]) => (one: Statement) =>
    !statements.some(other => canonicalJson(other) === canonicalJson(one))
  return {
    on: `${target.kind} ${target.name}${target.policyName === null ? '' : `/${target.policyName}`}`,
    adds: after.Statement.filter(lacks(old)).map(withoutOwnSid),
    drops: old.filter(lacks(after.Statement)).map(withoutOwnSid),
  }
}

/** Everything that an examination says and that a case must list. */
function outcomeOf({ diagnosis, patch, followUps, refusal }: Examination): Case['expect'] {
  return {
    cause: diagnosis.cause,
    verdict: diagnosis.verdict,
    deciding: diagnosis.evidence
      .filter(one => one.statement !== null)
      .map(one => `${one.policyType} ${one.policy?.split('/').at(-1)} ${one.statement}`),
    unknowns: diagnosis.unknowns.map(one => one.fact),
    patch: (patch?.changes ?? []).map(changeOf),
    later: followUps.map(changeOf),
    refusal: refusal?.code ?? null,
    says: [],
    silent: [],
  }
}

function wordsOf({ diagnosis }: Examination): string {
  const findings = diagnosis.evidence.map(one => one.finding)
  const steps = diagnosis.nextSteps.flatMap(step => [step.text, step.command ?? '', step.owner ?? ''])
  return [diagnosis.summary, ...findings, ...steps].join('\n')
}

describe.each(files)('%s', name => {
  const file = readCaseFile(readFileSync(join(folder, name), 'utf8'))

  it.each(file.cases.map(one => [one.name, one] as const))('%s', async (_, one) => {
    const examination = await run(file, one)
    const { says, silent, ...expected } = one.expect
    expect(outcomeOf(examination)).toEqual({ ...expected, says: [], silent: [] })
    const words = wordsOf(examination)
    for (const text of says) expect(words).toContain(text)
    const { diagnosis, patch, followUps, refusal } = examination
    for (const text of silent) expect(JSON.stringify({ diagnosis, patch, followUps, refusal })).not.toContain(text)
    // A patch or the reason why there is none, never both and never neither.
    expect(examination.patch === null).toBe(examination.refusal !== null)
    expect(diagnosis.summary).toMatch(/^\S.{10,700}\.$/s)
  })
})

describe('the cases', () => {
  const all = files.flatMap(name => readCaseFile(readFileSync(join(folder, name), 'utf8')).cases)

  it('cover every kind of denial in number', () => {
    expect(all.length).toBeGreaterThanOrEqual(150)
  })

  it('have names of their own', () => {
    const names = all.map(one => one.name)
    expect(names.filter((one, index) => names.indexOf(one) !== index)).toEqual([])
  })
})
