/** Compares what a deploy will pass or assume with the live permissions, before it runs. */

import { plural } from '../../../core/base/index.ts'
import { principalNamed } from '../../../core/denial/index.ts'
import { parseArn, partitionOfRegion } from '../../../core/iam/index.ts'
import { analyzeNeeds } from '../../../functions/workflows/index.ts'
import type { DeployNeeds } from '../../../iac/needs/index.ts'
import { unknownRegion } from '../../../infra/regions.ts'
import { shownName } from '../../files/standard-input.ts'
import { type IamSource, openReader } from '../iam-reader.ts'
import { readConfig } from '../read-config.ts'
import type { UseCaseWorld } from '../world.ts'
import type { PreflightReport } from './report.ts'
import { type DeploySource, joinedNeeds, readNeeds, unusedParameters } from './sources.ts'

export type PreflightQuestion = {
  readonly sources: readonly DeploySource[]
  /** The ARN of the principal that deploys. Null: only the source can name it. */
  readonly as: string | null
  readonly access: IamSource
  /** The configuration file. Null: the default settings. */
  readonly config: string | null
  /** The Region of the deploy. */
  readonly region: string | null
  readonly parameters: ReadonlyMap<string, string>
  /** Null: the current time. */
  readonly atMs: number | null
}

export type PreflightAnswer =
  | { readonly kind: 'nothing'; readonly notes: readonly string[]; readonly unread: readonly string[] }
  /** Neither the question nor a source names the principal that deploys. */
  | {
      readonly kind: 'no-deployer'
      readonly notes: readonly string[]
      readonly names: string
      /** Its ARN, with `*` for what only the deploy knows. Null: no source names it. */
      readonly pattern: string | null
    }
  | {
      readonly kind: 'report'
      readonly notes: readonly string[]
      readonly report: PreflightReport
      /** `allowed`: every need is known and allowed. The needs of an unread source are unknown. */
      readonly answer: 'allowed' | 'open' | 'nothing'
    }

/** Throws UsageError for a source that cannot be read. */
export async function preflightDeploy(
  question: PreflightQuestion,
  world: UseCaseWorld,
  open: typeof openReader = openReader,
): Promise<PreflightAnswer> {
  const { region, access } = question
  const config = await readConfig(question.config, world)
  const deploy = await readAll(question, world)
  const unread = deploy.unread.map(({ file, line, what }) => `${place(file, line)}: ${what} was not read`)
  const isWhole = unread.length === 0
  const doubt = region === null ? null : unknownRegion(region)
  const notes = [
    ...unread,
    ...unusedParameters(deploy, question.parameters),
    ...(doubt === null ? [] : [`--region ${doubt}`]),
  ]
  const names = question.sources.map(({ name }) => shownName(name)).join(', ')
  if (deploy.needs.every(need => need.implied)) {
    const nothing = `${names}: nothing in ${isWhole ? 'it' : 'what was read'} passes or assumes a role`
    return { kind: 'nothing', notes: [...notes, nothing], unread }
  }
  const principal = question.as === null ? deploy.deployRole : { arn: question.as, from: 'option' as const }
  if (principal === null) return { kind: 'no-deployer', notes, names, pattern: deploy.deployRolePattern ?? null }
  const { reader } = await open(access, region, world)
  const { answers, change } = await analyzeNeeds(deploy, {
    ...{ reader, config, nowMs: question.atMs ?? world.nowMs(), region },
    partition: parseArn(principal.arn)?.partition ?? partitionOfRegion(region ?? ''),
    principals: { principal: principal.arn, caller: question.as },
    progress: (done, of) => world.progress(done < of ? `${done} of ${plural(of, 'need')}` : null),
  })
  world.progress(null)
  const report: PreflightReport = {
    principal,
    answers,
    // No follow-ups: the trust of each passed role is a need of its own.
    changes: change.verified?.patch.changes ?? [],
    verification: change.verified?.verification ?? null,
    unread,
  }
  const isAllowed = isWhole && answers.every(({ answer }) => answer === 'allowed')
  const answer = isAllowed ? (answers.length === 0 ? 'nothing' : 'allowed') : 'open'
  return { kind: 'report', notes, report, answer }
}

async function readAll(question: PreflightQuestion, world: UseCaseWorld): Promise<DeployNeeds> {
  const { sources, as: principal, region, parameters } = question
  const environment = {
    partition: principal === null ? partitionOfRegion(region ?? '') : (parseArn(principal)?.partition ?? 'aws'),
    accountId: principal === null ? null : principalNamed(principal).accountId,
    region,
    stackName: null,
  }
  const parts: DeployNeeds[] = []
  for (const source of sources) parts.push(await readNeeds(source, { environment, parameters }, world))
  return joinedNeeds(parts)
}

const place = (file: string, line: number | null): string => (line === null ? file : `${file}:${line}`)
