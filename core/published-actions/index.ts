/** What AWS publishes about every action, and the statement that another action than ours lacks. */

export {
  NAMED_TYPE,
  NO_TYPE,
  nounWords,
  PART_END,
  SERVICE_END,
  shortForm,
  shortNoun,
  signOfSet,
  type TypeForms,
  typeNamedBy,
  VERB_LETTERS,
  WHOLE_NAME,
  wordsOfTypes,
} from './packed-form.ts'
export { type PublishedActions, readPublishedActions } from './published-actions.ts'
export {
  type CallPlace,
  type NamedDenial,
  type StatementAnswer,
  type SuggestedStatement,
  statementFor,
} from './statement-for.ts'
export { inlinePolicyOf, suggestedPolicyAs, suggestedPolicyText, suggestedStatementText } from './suggested-policy.ts'
