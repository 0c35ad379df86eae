import { powertools } from '../adapters/aws/observability/powertools.ts'
import { cloud } from '../adapters/composition/cloud.ts'
import { environment } from '../adapters/composition/environment.ts'
import { slackSideRenderer } from '../adapters/composition/slack-renderer.ts'
import { postCard } from '../workflows/card/post-card.ts'
import { makeSweep, type Swept } from './sweep.ts'

environment(process.env, ['APPLY_QUEUE_URL', 'PROPOSE_QUEUE_URL'])
const observer = powertools('sweep')
const parts = cloud(process.env, observer)
const deps = { ...parts, renderer: { ...parts.renderer, ...slackSideRenderer } }
const sweep = makeSweep({ ...deps, postCard: proposal => postCard(proposal, deps) })

/** Once a minute, from a schedule. */
export const handler = (): Promise<Swept> => observer.traced(sweep)
