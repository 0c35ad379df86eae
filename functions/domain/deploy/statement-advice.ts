import { type StatementAnswer, suggestedStatementText } from '../../../core/published-actions/index.ts'

/** What the owner of the policies would add, or why nothing is suggested. Contains outside text. */
export function statementAdvice(answer: StatementAnswer): string {
  if (answer.kind === 'none') return `No statement is suggested. ${answer.why}`
  const { statement, why, risks } = answer
  return [why, ...risks, `As a statement, which rolemedic never writes: ${suggestedStatementText(statement)}`].join(' ')
}
