/** The actions that AWS publishes, of the services that deploys use. */

export {
  actionsOfService,
  isPartOfAction,
  isPublishedService,
  onlyServiceWith,
  prefixNamed,
  publishedAction,
} from './action-names.ts'
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
export { packedText } from './packed-text.ts'
export {
  type PublishedAction,
  type PublishedActions,
  publishedActions,
  readPublishedActions,
} from './published-actions.ts'
