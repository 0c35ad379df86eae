/** From a denial to a verified patch or a refusal, with every account read through its reader role. */

import type { Config } from '../../domain/config/config.ts'
import type { Denial } from '../../domain/denial/denial.ts'
import type { AwsExplanations } from '../../ports/aws-explanations.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import { changesToday } from '../../workflows/approval/changes-today.ts'
import { type Analysis, analyze } from '../../workflows/denial/analyze-denial.ts'
import { type CloudReader, cloudReader } from './cloud-reader.ts'

export type CloudAnalyze = (denial: Denial, nowMs: number) => Promise<Analysis>

type Parts = {
  readonly config: Config
  readonly store: ProposalStore
  /** Absent: what AWS said of a denial is kept with it, and not asked for again. */
  readonly explain?: (access: CloudReader['access']) => AwsExplanations
}

export function cloudAnalyze(env: NodeJS.ProcessEnv, { config, store, explain }: Parts): CloudAnalyze {
  const { access, ...read } = cloudReader(env, config)
  const seen = { ...read, config, ...(explain === undefined ? {} : { explanations: explain(access) }) }
  return (denial, nowMs) =>
    analyze(denial, { ...seen, nowMs, changesToday: about => changesToday(about, nowMs, store) })
}
