/** What the Home tab of a person shows, as data. */

export { approvedItem } from './approved.ts'
export { closedHome, type Home, type HomeItem, type HomeSection, homeOf, type Listed, openList } from './home.ts'
export { type InProgress, isInProgress, progressItem } from './progress.ts'
export { standingItem } from './standing.ts'
export { type ApproverStanding, isUnsettled, standpoint, type Unsettled, waitingItem } from './waiting.ts'
