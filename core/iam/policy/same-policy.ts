/** Compares two documents regardless of how IAM stored them. */
import { canonicalJson } from '../../base/canonical-json.ts'
import type { PolicyDocument } from './policy-document.ts'
import { statementForm } from './statement-form.ts'

/**
 * True for documents with the same meaning. IAM returns a document as it was written, except trust policies: there it unwraps
 * lists of one value and replaces an account id by the account's ARN. The order of statements counts. Order and repetition
 * inside lists do not, nor does the case of actions, condition operators and condition keys.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html (keys)
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html (actions)
 */
export const samePolicy = (a: PolicyDocument | null, b: PolicyDocument | null): boolean => formOf(a) === formOf(b)

const formOf = (document: PolicyDocument | null): string =>
  canonicalJson(
    document && {
      ...{ Version: document.Version ?? '2008-10-17', Id: document.Id },
      Statement: document.Statement.map(statementForm),
    },
  )
