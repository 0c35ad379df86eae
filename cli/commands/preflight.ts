/** What a deploy will pass or assume, before it runs, against what is live. */
import { plural, UsageError } from '../../core/base/index.ts'
import { principalNamed } from '../../core/denial/index.ts'
import { parseArn, partitionOfRegion } from '../../core/iam/index.ts'
import { analyzeNeeds } from '../../functions/workflows/index.ts'
import type { DeployNeeds } from '../../iac/needs/index.ts'
import { helpText } from '../command.ts'
import { changesAsCode } from '../formats/preflight/code-output.ts'
import { preflightOutput } from '../formats/preflight/json-output.ts'
import { type Io, missingInput, oneLine } from '../io.ts'
import { jsonText } from '../json-text.ts'
import { PREFLIGHT, type PreflightArguments, parsePreflightArguments } from '../preflight/arguments.ts'
import { openReader } from '../use-cases/iam-reader.ts'
import type { PreflightReport } from '../use-cases/preflight/report.ts'
import { readNeeds } from '../use-cases/preflight/sources.ts'
import { readConfig } from '../use-cases/read-config.ts'

export const DESCRIPTION = PREFLIGHT

const NO_PATH = 'give a PATH: a template, cdk.out or a plan'

export async function run(args: readonly string[], io: Io, open: typeof openReader = openReader): Promise<number> {
  if (args.length === 0) return missingInput(NO_PATH, helpText(PREFLIGHT), io)
  const wanted = parsePreflightArguments(args)
  if (wanted.help) {
    io.out(helpText(PREFLIGHT))
    return 0
  }
  const config = await readConfig(wanted.config, io)
  const deploy = await readAll(wanted, io)
  for (const { file, line, what } of deploy.unread) io.err(oneLine(`${place(file, line)}: ${what} was not read`))
  if (deploy.needs.every(need => need.implied)) {
    const isWhole = deploy.unread.length === 0
    io.err(
      oneLine(`${wanted.paths.join(', ')}: nothing in ${isWhole ? 'it' : 'what was read'} passes or assumes a role`),
    )
    return isWhole ? 3 : 1
  }
  const principal = principalOf(wanted, deploy)
  const region = wanted.region
  const { reader } = await open(
    { ...wanted, message: null, file: null, log: null, withGetRole: false, format: 'text', help: false },
    region,
    io,
  )
  const nowMs = wanted.atMs ?? io.nowMs()
  const { answers, change } = await analyzeNeeds(deploy, {
    reader,
    config,
    nowMs,
    region,
    partition: parseArn(principal.arn)?.partition ?? partitionOfRegion(region ?? ''),
    principals: { principal: principal.arn, caller: wanted.as },
    progress: (done, of) => io.progress(done < of ? `${done} of ${plural(of, 'need')}` : null),
  })
  io.progress(null)
  const report: PreflightReport = {
    principal,
    answers,
    changes: [...(change.verified?.patch.changes ?? []), ...change.followUps],
    verification: change.verified?.verification ?? null,
  }
  await print(report, wanted, io)
  if (answers.length === 0) return deploy.unread.length === 0 ? 3 : 1
  // What a nested stack or a manifest that was not read needs is unknown.
  return deploy.unread.length === 0 && answers.every(({ answer }) => answer === 'allowed') ? 0 : 1
}

async function readAll(wanted: PreflightArguments, io: Io): Promise<DeployNeeds> {
  const by = wanted.as === null ? null : principalNamed(wanted.as)
  const environment = {
    partition: wanted.as === null ? partitionOfRegion(wanted.region ?? '') : (parseArn(wanted.as)?.partition ?? 'aws'),
    accountId: by?.accountId ?? null,
    region: wanted.region,
    stackName: null,
  }
  const parts: DeployNeeds[] = []
  for (const path of wanted.paths) parts.push(await readNeeds(path, { environment, parameters: wanted.parameters }, io))
  return {
    needs: parts.flatMap(part => part.needs),
    made: parts.flatMap(part => part.made),
    profiles: parts.flatMap(part => part.profiles),
    deployRole: parts.find(part => part.deployRole !== null)?.deployRole ?? null,
    unread: parts.flatMap(part => part.unread),
  }
}

function principalOf({ as, paths }: PreflightArguments, { deployRole }: DeployNeeds): PreflightReport['principal'] {
  if (as !== null) return { arn: as, from: 'option' }
  if (deployRole !== null) return deployRole
  throw new UsageError(`${paths.join(', ')} names no role that deploys it: say who does with --as ARN`)
}

async function print(report: PreflightReport, { format }: PreflightArguments, io: Io): Promise<void> {
  switch (format) {
    case 'json':
      io.out(`${jsonText(preflightOutput(report))}\n`)
      return
    case 'text': {
      const { preflightText } = await import('../formats/preflight/text-output.ts')
      io.out(preflightText(report, { colour: io.colour }))
      return
    }
    case 'markdown': {
      const { preflightMarkdown } = await import('../formats/preflight/markdown-output.ts')
      io.out(preflightMarkdown(report))
      return
    }
    default:
      io.out(changesAsCode(report.changes, format))
  }
}

const place = (file: string, line: number | null): string => (line === null ? file : `${file}:${line}`)
