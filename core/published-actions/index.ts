/** The statement that another action than ours lacks. */

export {
  type CallPlace,
  type NamedDenial,
  type StatementAnswer,
  type SuggestedStatement,
  statementFor,
  suggestStatement,
} from './statement-for.ts'
export { inlinePolicyOf, suggestedPolicyAs, suggestedPolicyText, suggestedStatementText } from './suggested-policy.ts'
