import type { Proposal } from '../proposal/index.ts'
import type { DeployState } from './deploy.ts'
import { roundKey } from './deploy-round.ts'
import { consoleLink, deployName, deployTitle } from './tools/tools.ts'

const NAMED_DEPLOYS = 3

/** What a proposal says about the deploys that it blocks, most certain first. Null: none. */
export function blockedDeploys(broken: readonly DeployState[], held: readonly string[]): Proposal['deploy'] {
  const sure = ({ causes }: DeployState) =>
    causes.some(cause => held.includes(cause.fingerprint) && cause.confidence === 'caused by')
  // A probable cause never changes the title of a card.
  const sorted = broken.filter(sure)
  const [first] = sorted
  if (first === undefined) return null
  const rest = sorted.length - NAMED_DEPLOYS
  const regions = new Set(sorted.map(({ deploy }) => deploy.region))
  const named = sorted.slice(0, NAMED_DEPLOYS)
  const titles = named.map(
    state => deployTitle(state, sure(state)) + (regions.size > 1 ? ` in ${state.deploy.region}` : ''),
  )
  const failed = named.map(state => ({
    name: deployName(state.deploy),
    isSure: sure(state),
    link: consoleLink(state.deploy),
  }))
  const title = [...titles, ...(rest > 0 ? [`${rest} more`] : [])].join(', and ')
  return { key: roundKey(first), title, failed }
}
