import type { Proposal } from '../proposal/index.ts'
import type { DeployState } from './deploy.ts'
import { roundKey } from './deploy-round.ts'
import { consoleLink, deployName } from './tools/tools.ts'

const NAMED_DEPLOYS = 3

/** What a proposal says about the deploys that it blocks, most certain first. Null: none. */
export function blockedDeploys(broken: readonly DeployState[], held: readonly string[]): Proposal['deploy'] {
  // A probable cause never changes the title of a card.
  const sorted = broken.filter(({ causes }) =>
    causes.some(cause => held.includes(cause.fingerprint) && cause.confidence === 'caused by'),
  )
  const [first] = sorted
  if (first === undefined) return null
  const rest = sorted.length - NAMED_DEPLOYS
  const regions = new Set(sorted.map(({ deploy }) => deploy.region))
  const named = sorted.slice(0, NAMED_DEPLOYS)
  const titles = named.map(({ deploy }) => deployName(deploy) + (regions.size > 1 ? ` in ${deploy.region}` : ''))
  const failed = named.map(state => ({
    name: deployName(state.deploy),
    isSure: true,
    link: consoleLink(state.deploy),
    key: state.key,
  }))
  const title = [...titles, ...(rest > 0 ? [`${rest} more`] : [])].join(', and ')
  return { key: roundKey(first), title, failed }
}
