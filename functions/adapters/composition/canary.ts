/** Makes canaries as the reader role of each account. */
import type { Config } from '../../domain/config/index.ts'
import type { MemberRegion } from '../../domain/members/index.ts'
import { canaryDenier } from '../aws/iam/deny-canary.ts'
import { readerAccess } from './account-reader.ts'

export const cloudDenier = (
  env: NodeJS.ProcessEnv,
  { config }: { readonly config: Config },
): ((place: MemberRegion) => Promise<void>) => canaryDenier(readerAccess(env, config))
