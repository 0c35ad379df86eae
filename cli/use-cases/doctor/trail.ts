/** Whether CloudTrail delivers to EventBridge what rolemedic needs: management events of a logging trail, including reads. */

import {
  type AdvancedEventSelector,
  CloudTrailClient,
  DescribeTrailsCommand,
  type EventSelector,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  type Trail,
} from '@aws-sdk/client-cloudtrail'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'
import { type Check, failedCheck, isRefused, okCheck, warning } from './check.ts'
import type { MemberAccess } from './member-access.ts'

export type Selectors = {
  readonly basic: readonly EventSelector[]
  readonly advanced: readonly AdvancedEventSelector[]
}

export type SeenTrail = {
  readonly name: string
  readonly isLogging: boolean
  /** Null: they cannot be read here, such as those of an organization's trail in a member account. */
  readonly selectors: Selectors | null
}

/** Which management events a trail logs. `narrowed`: a selector excludes events by other criteria. */
export type Logged = { readonly reads: boolean; readonly writes: boolean; readonly narrowed: boolean }

/** Sources that a trail may exclude: their calls neither pass nor assume a role. */
const HARMLESS = ['kms.amazonaws.com', 'rdsdata.amazonaws.com']

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html */
export function loggedBy({ basic, advanced }: Selectors): Logged {
  const parts: Logged[] = [
    ...basic
      .filter(({ IncludeManagementEvents }) => IncludeManagementEvents !== false)
      .map(({ ReadWriteType = 'All' }) => ({
        reads: ReadWriteType !== 'WriteOnly',
        writes: ReadWriteType !== 'ReadOnly',
        narrowed: false,
      })),
    ...advanced.flatMap(({ FieldSelectors: fields = [] }) => {
      const of = (name: string) => fields.filter(({ Field }) => Field === name)
      if (!of('eventCategory').some(({ Equals }) => Equals?.includes('Management'))) return []
      const others = fields.filter(({ Field, NotEquals, ...rest }) => {
        if (Field === 'eventCategory' || Field === 'readOnly') return false
        const onlyLeavesOut = NotEquals !== undefined && Object.values(rest).every(value => value === undefined)
        return !(Field === 'eventSource' && onlyLeavesOut && NotEquals.every(source => HARMLESS.includes(source)))
      })
      if (others.length > 0) return [{ reads: false, writes: false, narrowed: true }]
      const only = of('readOnly').flatMap(({ Equals = [] }) => Equals)
      return [{ reads: !only.includes('false'), writes: !only.includes('true'), narrowed: false }]
    }),
  ]
  return {
    reads: parts.some(({ reads }) => reads),
    writes: parts.some(({ writes }) => writes),
    narrowed: parts.some(({ narrowed }) => narrowed),
  }
}

/** `trails`: those that record the events of this account and Region. */
export function trailCheck(where: string, trails: readonly SeenTrail[]): Check {
  const name = 'trail'
  const named = (some: readonly SeenTrail[]) => some.map(trail => trail.name).join(', ')
  if (trails.length === 0)
    return failedCheck(
      name,
      `${where}: no trail records this Region, so EventBridge gets no denials: create a multi-Region trail with management events`,
    )
  const logging = trails.filter(({ isLogging }) => isLogging)
  if (logging.length === 0)
    return failedCheck(name, `${where}: ${named(trails)} does not log: aws cloudtrail start-logging --name <trail>`)
  const logged = logging.map(({ selectors }) => (selectors === null ? null : loggedBy(selectors)))
  const seen = logged.filter(one => one !== null)
  if (seen.some(({ reads }) => reads) && seen.some(({ writes }) => writes))
    return okCheck(name, `${where}: ${named(logging)} logs management events, reads included`)
  if (logged.includes(null))
    return warning(
      name,
      `${where}: the event selectors of ${named(logging.filter(({ selectors }) => selectors === null))} may not be read here: look in the account of the trail, with aws cloudtrail get-event-selectors`,
    )
  if (seen.some(({ narrowed }) => narrowed))
    return failedCheck(name, `${where}: ${named(logging)} leaves out management events by a field selector: remove it`)
  if (seen.some(({ writes }) => writes))
    return failedCheck(
      name,
      `${where}: ${named(logging)} logs no reads, and a denied sts:AssumeRole is a read: set ReadWriteType to All (aws cloudtrail put-event-selectors)`,
    )
  return failedCheck(name, `${where}: ${named(logging)} logs no management events: aws cloudtrail put-event-selectors`)
}

export async function readTrails({ credentials }: MemberAccess, region: string): Promise<readonly SeenTrail[]> {
  const clientIn = (where: string) => new CloudTrailClient({ region: where, credentials, ...LONG_TIMEOUTS })
  // Shadow trails: trails of other Regions and of the organization that record this one.
  const { trailList = [] } = await clientIn(region).send(new DescribeTrailsCommand({ includeShadowTrails: true }))
  const here = trailList.filter(({ HomeRegion, IsMultiRegionTrail }) => HomeRegion === region || IsMultiRegionTrail)
  return Promise.all(here.map(trail => readTrail(clientIn(trail.HomeRegion ?? region), trail)))
}

async function readTrail(client: CloudTrailClient, { Name = '', TrailARN: arn = Name }: Trail): Promise<SeenTrail> {
  const { IsLogging: isLogging = false } = await client.send(new GetTrailStatusCommand({ Name: arn }))
  try {
    const read = await client.send(new GetEventSelectorsCommand({ TrailName: arn }))
    const { EventSelectors: basic = [], AdvancedEventSelectors: advanced = [] } = read
    return { name: Name, isLogging, selectors: { basic, advanced } }
  } catch (error) {
    if (!isRefused(error)) throw error
    return { name: Name, isLogging, selectors: null }
  }
}
