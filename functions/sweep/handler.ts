import { cloud } from '../adapters/cloud.ts'
import { environment } from '../adapters/environment.ts'
import { powertools } from '../adapters/observability.ts'
import { slackAsides } from '../adapters/slack-asides.ts'
import { slackDrawing } from '../adapters/slack-blocks.ts'
import { postCard } from '../core/proposal/post-card.ts'
import { makeSweep, type Swept } from './sweep.ts'

environment(process.env, ['APPLY_QUEUE_URL', 'PROPOSE_QUEUE_URL'])
const observer = powertools('sweep')
const parts = cloud(process.env, observer)
const deps = { ...parts, drawing: { ...slackDrawing(parts), ...slackAsides } }
const sweep = makeSweep({ ...deps, postCard: proposal => postCard(proposal, deps) })

/** Once a minute, from a schedule. */
export const handler = (): Promise<Swept> => observer.traced(sweep)
