/** Analyzes a denial to a verified patch or a refusal. Reads every account through its reader role. */

import { setTimeout as delay } from 'node:timers/promises'
import { AccessAnalyzerClient } from '@aws-sdk/client-accessanalyzer'
import type { Config } from '../../domain/config/index.ts'
import type { AwsExplanations } from '../../ports/aws-explanations.ts'
import type { EventHistory } from '../../ports/event-history.ts'
import type { ProposalStore } from '../../ports/proposal-store.ts'
import type { DocumentReader } from '../../ports/writing/policy-writer.ts'
import { changesToday } from '../../workflows/approval/changes-today.ts'
import { type JudgeSet, judgeSetWith } from '../../workflows/denial/judge-set.ts'
import { type AskWitness, countedWitness, type LookupDeps } from '../../workflows/denial/lookups.ts'
import { type AnalyzeAgain, analyzeBundle } from '../../workflows/deploy/analyze-bundle.ts'
import { readsSince } from '../../workflows/deploy/analyze-in-turn.ts'
import { awsExplanations } from '../aws/authorization-details/aws-explanations.ts'
import { DEFAULT_TIMEOUTS } from '../aws/clients/client-timeouts.ts'
import type { AccountAccess } from '../aws/iam/account-access.ts'
import { iamDocuments } from '../aws/iam/documents.ts'
import { secondOpinion } from '../aws/iam/second-opinion.ts'
import { readerAccess, readerOver } from './account-reader.ts'
import { environment } from './environment.ts'

type Parts = {
  readonly config: Config
  readonly store: ProposalStore
  /** Absent: AWS's evaluation is stored with the denial and not requested again. */
  readonly explain?: (access: (accountId: string) => AccountAccess) => AwsExplanations
  /** Analyses at once share what was read since the time of each. Not for what is written meanwhile. */
  readonly isShared: boolean
}

export function cloudAnalyze(env: NodeJS.ProcessEnv, { config, store, explain, isShared }: Parts): AnalyzeAgain {
  const { AWS_REGION: region } = environment(env, ['AWS_REGION'])
  const access = readerAccess(env, config)
  // Access Analyzer checks only the documents in the request, so the bot's own account is enough.
  const accessAnalyzer = new AccessAnalyzerClient({ region, ...DEFAULT_TIMEOUTS })
  const iam = (accountId: string) => access(accountId).iam
  const deps = {
    config,
    secondOpinion: secondOpinion({ config, accessAnalyzer, iam }),
    ...(explain === undefined ? {} : { explanations: explain(access) }),
  }
  const reader = readerOver(env, access)
  const shared = readsSince(reader, Date.now)
  return (denial, nowMs, beside = {}) =>
    analyzeBundle(denial, beside, {
      ...{ ...deps, reader: isShared ? shared(nowMs) : reader, nowMs },
      changesToday: about => changesToday(about, nowMs, store),
    })
}

/** Assesses the roles that a pattern matches. */
export const cloudJudge = (env: NodeJS.ProcessEnv, { config }: Pick<Parts, 'config'>): JudgeSet =>
  judgeSetWith(readerOver(env, readerAccess(env, config)))

/** Asks CloudTrail whether a denial happened. */
export function cloudWitness(
  env: NodeJS.ProcessEnv,
  { config, store, clock, observer, history }: Pick<Parts, 'config'> & LookupDeps & { readonly history: EventHistory },
): AskWitness {
  const explanations = cloudExplanations(readerAccess(env, config))
  return countedWitness({ history, explanations, store, clock, observer })
}

/** The documents that a change is about. */
export function cloudDocuments(env: NodeJS.ProcessEnv, { config }: Pick<Parts, 'config'>): DocumentReader {
  const access = readerAccess(env, config)
  return iamDocuments(accountId => access(accountId).iam)
}

/** The message has already waited a minute, in which AWS records the details of most denials. */
const MAX_WAIT_MS = 2_000

/** AWS's own evaluation of a denial, with the credentials that read its account. */
export function cloudExplanations(access: (accountId: string) => AccountAccess): AwsExplanations {
  // The SDK's naming scheme for such a variable: for an endpoint inside a network, and for tests.
  const endpoint = process.env['AWS_ENDPOINT_URL_IAM_TOOLBOX']
  return awsExplanations({
    access,
    details: {
      sleep: ms => delay(Math.min(ms, MAX_WAIT_MS)),
      ...(endpoint === undefined ? {} : { endpoint: () => endpoint }),
    },
  })
}
