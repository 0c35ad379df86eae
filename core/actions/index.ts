/** One descriptor per denied action. */

export type { DenialEventRule } from './action.ts'
export {
  ACTIONS,
  actionNamed,
  actionOfCall,
  actionOfOperation,
  actionWithOrWithoutPrefix,
  asksTrustPolicy,
  type DeniedAction,
  descriptorOf,
  evaluate,
  isWithinTheCall,
  meantActions,
  NAMES_WITHOUT_PREFIX,
  needsBothSides,
  passesRoles,
  resolveRequest,
  SESSION_ACTIONS,
  WITHIN_THE_CALL,
  wantsRole,
} from './actions.ts'
export { assumeRole } from './assume-role.ts'
export { createServiceLinkedRole } from './create-service-linked-role.ts'
export { isOwnStatement } from './own-statement.ts'
export { passRole } from './pass-role.ts'
export { tagSession } from './tag-session.ts'
