/** What another attempt of a failed deploy would meet: what its alert and the card say it still lacks. */

import { type CauseWithProposal, denialOfCause, stateOfCause } from './causes.ts'
import type { DeployCause, DeployState } from './deploy.ts'
import type { MissingPermission } from './missing-permission.ts'
import { isSurelyLifted, type OpenNeeds, openNeeds } from './open-needs.ts'
import { consoleLink, deployName, hearsayOf } from './tools/tools.ts'
import type { TrustFault } from './trust-fault.ts'

type Outlook = {
  /** Nothing but its causes keeps it from another attempt. */
  readonly isRetried: boolean
  /** Every cause is lifted. */
  readonly isLifted: boolean
  /** Nothing else is known to be denied, or not known. */
  readonly isSure: boolean
  readonly needs: OpenNeeds
}

/** What another attempt of this deploy would meet. */
export function outlookOf(state: DeployState, causes: readonly CauseWithProposal[]): Outlook {
  const { permissions = [] } = state
  const open = unsilenced(state, permissions)
  const isRetried = shownFaults(state).every(({ answer }) => answer === 'retry') && open.length === 0
  const isLifted = isRetried && causes.length > 0 && causes.every(cause => stateOfCause(cause) === 'fixed')
  const needs = openNeeds(state, causes)
  const isKnown =
    needs.unknown === 0 && needs.unread === null && permissions.length === 0 && state.otherReason === undefined
  return { isRetried, isLifted, isSure: isKnown && causes.every(isSurelyLifted), needs }
}

/** What one of the deploys that a card blocks still lacks. Its words come from outside. */
export type DeployStanding = {
  readonly name: string
  readonly link: string
  /** `granted`: what was denied is, and more may be missing. */
  readonly outlook: 'fixed' | 'granted' | 'lacks'
  /** ARNs of the roles that it lacks. */
  readonly roles: readonly string[]
  /** What else its alert names: permissions that nobody grants here, roles that a service could not use. */
  readonly others: number
}

export function standingOf(state: DeployState, known: readonly CauseWithProposal[]): DeployStanding {
  const { deploy, permissions = [], leftOut = 0 } = state
  const causes = shownCauses(state, known)
  const { isLifted, isSure, needs } = outlookOf(state, causes)
  const waiting = causes.filter(cause => stateOfCause(cause) !== 'fixed')
  const denied = waiting.flatMap(cause => denialOfCause(cause)?.resource ?? [])
  const others =
    unsilenced(state, permissions).length +
    shownFaults(state).filter(({ answer }) => answer !== 'retry').length +
    leftOut
  const isOpen = !isLifted || needs.denied > 0 || leftOut > 0
  return {
    ...{ name: deployName(deploy), link: consoleLink(deploy) },
    outlook: isOpen ? 'lacks' : isSure ? 'fixed' : 'granted',
    roles: [...new Set([...denied, ...needs.roles])],
    others,
  }
}

/** True where the failure itself, or the source of the deploy, names a cause. */
export const hasCertainCause = ({
  causes,
  faults = [],
  permissions = [],
}: Pick<DeployState, 'causes' | 'faults' | 'permissions'>): boolean =>
  causes.some(({ confidence }) => confidence === 'caused by') ||
  faults.some(({ certainty }) => certainty === 'certain') ||
  permissions.some(({ certainty, during }) => certainty === 'certain' && during === undefined)

/** True where an alert says why it failed, or that nobody could read it. A sender of events is not asked about what it made up. */
export const hasAlert = ({
  deploy,
  causes,
  faults = [],
  permissions = [],
  withheld = 0,
  unread,
}: DeployState): boolean =>
  causes.length + faults.length + permissions.length > 0 ||
  unread !== undefined ||
  (withheld > 0 && hearsayOf(deploy) === null)

type Certainty = { readonly certainty: 'certain' | 'probable' }

/** One certain cause, of whatever kind, silences every probable one. */
const unsilenced = <T extends Certainty>(state: DeployState, all: readonly T[]): readonly T[] =>
  hasCertainCause(state) ? all.filter(({ certainty }) => certainty === 'certain') : all

export const shownFaults = (state: DeployState): readonly TrustFault[] => unsilenced(state, state.faults ?? [])

/** A probable cause of ours says more than a permission that is only probable. */
export function shownPermissions(state: DeployState, causes: readonly DeployCause[]): readonly MissingPermission[] {
  const all = unsilenced(state, state.permissions ?? [])
  return causes.length === 0 ? all : all.filter(({ certainty }) => certainty === 'certain')
}

/** One certain cause silences every probable one. */
export const shownCauses = <T extends DeployCause>(state: DeployState, causes: readonly T[]): readonly T[] =>
  hasCertainCause(state) ? causes.filter(({ confidence }) => confidence === 'caused by') : causes
