import type { Config } from '../../../domain/config/index.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import { cloudKeys } from '../signing.ts'
import { ownTable, publicKeyTrial, secretTrial } from './trials.ts'

/** Without a repository, the secret of Git hosts may have no value. */
export const publishTrials = (
  env: NodeJS.ProcessEnv,
  { repositories }: Pick<Config, 'repositories'>,
): readonly Trial[] => [
  ...ownTable('publish', env),
  publicKeyTrial(cloudKeys(env)),
  ...(repositories.length === 0 ? [] : [secretTrial(env, 'GIT_HOSTS_SECRET')]),
]
