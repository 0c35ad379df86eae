import type { PolicyDocument } from '../iam/index.ts'
import type { SuggestedStatement } from './statement-for.ts'

/** The statements of one principal as the text of one policy: each with one action and one resource, in their order. */
export function suggestedPolicyText(statements: readonly SuggestedStatement[]): string {
  return JSON.stringify(suggestedDocument(statements), null, 2)
}

/** Stays in this room: a document could be written. */
export function suggestedDocument(statements: readonly SuggestedStatement[]): PolicyDocument {
  const distinct = new Map(
    statements.map(({ suggestedAction: Action, suggestedResource: Resource }) => [
      `${Action} ${Resource}`,
      { Effect: 'Allow' as const, Action, Resource },
    ]),
  )
  return { Version: '2012-10-17', Statement: [...distinct.values()] }
}
