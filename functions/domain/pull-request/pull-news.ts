/** What the thread of a card says about its pull request: one line per state. */
import { never, utc } from '../../../core/base/index.ts'
import type { PullRequest } from '../proposal/index.ts'

type Seen = Pick<PullRequest, 'state' | 'number' | 'url' | 'why'>
export type PullNews = { readonly key: string; readonly text: string }

/** Null: nothing yet. The key ensures that each state is posted once. */
export function pullNews({ state, number, url, why }: Seen, bridgeEndsAtMs: number | null): PullNews | null {
  const name = `Pull request #${number ?? '?'}`
  const ends = bridgeEndsAtMs === null ? '' : ` The grant ends ${utc(bridgeEndsAtMs)}, by itself.`
  switch (state) {
    case 'asked':
      return null
    case 'waiting':
      return { key: 'pull-waiting', text: `The pull request waits: ${sentence(why)}` }
    case 'open':
      return why === null
        ? { key: 'pull-open', text: `${name} is open: ${url ?? 'its host does not say where'}` }
        : { key: 'pull-trouble', text: `${name}: ${sentence(why)}` }
    case 'merged':
      return {
        key: 'pull-merged',
        text: `${name} is merged.${bridgeEndsAtMs === null ? '' : ' Once it is deployed and the request is allowed without the grant, the grant is removed.'}`,
      }
    case 'closed':
      return {
        key: 'pull-closed',
        text: `${number === null ? 'No pull request was opened.' : why === null ? `${name} is closed, and was not merged.` : `${name}: ${sentence(why)}`}${ends}`,
      }
    case 'current':
      return { key: 'pull-current', text: 'No pull request: the code has the change already. Deploy it.' }
    case 'snippet':
      return {
        key: 'pull-snippet',
        text: `No pull request, as no edit of the code is certain: ${sentence(why)}${ends}`,
      }
    case 'failed':
      return { key: 'pull-failed', text: `No pull request: ${sentence(why)}${ends}` }
    default:
      return never(state)
  }
}

const sentence = (why: string | null): string => {
  const text = why ?? 'the reason is not known'
  return /[.!?]$/.test(text) ? text : `${text}.`
}
