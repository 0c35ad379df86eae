import { cloud } from '../adapters/cloud.ts'
import { environment } from '../adapters/environment.ts'
import { powertools } from '../adapters/observability.ts'
import { postCard } from '../core/proposal/post-card.ts'
import { makeSweep, type Swept } from './sweep.ts'

environment(process.env, ['APPLY_QUEUE_URL', 'PROPOSE_QUEUE_URL'])
const parts = { ...cloud(process.env), observer: powertools('sweep') }
const sweep = makeSweep({ ...parts, postCard: proposal => postCard(proposal, parts) })

/** Once a minute, from a schedule. */
export const handler = (): Promise<Swept> => sweep()
