/** ARNs, policy documents, conditions, and the evaluator: what would IAM answer? */

export {
  type Arn,
  accountIdIn,
  type EntityArn,
  entityName,
  nameWithPath,
  parseArn,
  parseEntityArn,
  parseRoleArn,
  parseSessionArn,
  partitionOfRegion,
  roleArn,
  serviceOfLinkedRole,
} from './arn.ts'
export { compileConditions, meetsConditions, quietScope } from './conditions/conditions.ts'
export {
  ABSENT_KEY,
  type ContextFact,
  type ContextFacts,
  contextFact,
  partlyKnown,
  present,
  timeContext,
  unknownKey,
} from './conditions/context.ts'
export { parseAddress } from './conditions/operators/ip.ts'
export {
  type AccessSnapshot,
  findTarget,
  type GuardrailLevel,
  type Identity,
  isRole,
  itemOf,
  type ListedRole,
  type Organization,
  type Role,
  seenCaller,
  type TargetRole,
} from './evaluation/access-snapshot.ts'
export { globalServiceName, regionOfService, WELL_KNOWN_PROVIDERS } from './evaluation/caller.ts'
export { type CompiledStatement, compileStatement } from './evaluation/compiled-policy.ts'
export { evaluateUnder, resolveRequestAs } from './evaluation/evaluate.ts'
export {
  type AccessRequest,
  ANSWERS,
  type Answer,
  type Authorization,
  asksTrust,
  type Evaluation,
  type LayerOutcome,
  type ServiceRule,
  type StatementOutcome,
} from './evaluation/evaluation.ts'
export { evaluateLayer } from './evaluation/layer-outcome.ts'
export { THE_CALLER } from './evaluation/principal-match.ts'
export { principalKeys } from './evaluation/snapshot-context.ts'
export {
  isOnResource,
  matchedStatements,
  matchesAction,
  type ResolvedRequest,
  UNNAMED_RESOURCE,
} from './evaluation/statement-match.ts'
export {
  accountPrincipal,
  isPrincipalArn,
  PRINCIPAL_ARN,
  permissionSetOf,
  permissionSetPattern,
} from './permission-set.ts'
export { allowedAmong } from './policy/allowed-actions.ts'
export { globMeetsPrefix, matchesGlob, restsAfter } from './policy/glob.ts'
export type { Mismatch } from './policy/mismatch.ts'
export { hasExpired, hasSameReach, isSameGrant, withoutExpiry } from './policy/own-statement.ts'
export { parsePolicy } from './policy/parse-policy.ts'
export type { ArchivedPolicy, PolicyArchive } from './policy/policy-archive.ts'
export {
  type ConditionBlock,
  type ConditionValue,
  hasOwnSid,
  list,
  type OneOrMore,
  type PolicyDocument,
  type PrincipalBlock,
  type Statement,
} from './policy/policy-document.ts'
export { readsVariables, replaceVariables } from './policy/policy-variables.ts'
export { principalsOf, principalsOfType } from './policy/principals.ts'
export {
  commonValues,
  conditionTests,
  minus,
  samePolicy,
  statementForm,
  type ValueAdded,
  valueAdded,
  withValues,
} from './policy/same-policy.ts'
export { isSecretKey, withoutSecrets } from './policy/secrets.ts'
export { POLICY_TYPES, type PolicyType, type SourcedPolicy } from './policy/sourced-policy.ts'
