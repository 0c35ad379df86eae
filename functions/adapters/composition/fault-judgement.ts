/** Judges the roles that services could not use in a failed deploy. Writes nothing, and drafts only to know whether a change is possible. */

import type { Config } from '../../domain/config/index.ts'
import { type FaultQuestion, type JudgedFaults, judgeTrustFaults } from '../../workflows/deploy/judge-trust-faults.ts'
import { readerAccess, readerOver } from './account-reader.ts'

export function cloudJudgeFaults(
  env: NodeJS.ProcessEnv,
  config: Config,
): (question: FaultQuestion, nowMs: number) => Promise<JudgedFaults> {
  const reader = readerOver(env, readerAccess(env, config))
  return (question, nowMs) => judgeTrustFaults(question, { reader, config, nowMs })
}
