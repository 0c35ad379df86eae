import { HARM_CLASSES } from '../risk/table/harms.ts'
import type { GuardrailFinding } from '../verification/verification.ts'

/** Where the first clause of a finding ends: none of these findings has a name with such a text before it. */
const ENDS: { readonly [id: string]: string } = {
  'administrator-equivalent': ': ',
  ...Object.fromEntries(HARM_CLASSES.map(id => [id, ': '])),
  'web-identity-subject': ', which now trusts only ',
  'managed-by-code': ': make the same change there.',
}

/** The first clause of a finding, as a sentence, if more follows; else the whole. Null: the finding says nothing. */
export function inBrief({ id, detail }: Pick<GuardrailFinding, 'id' | 'detail'>): string | null {
  const end = ENDS[id]
  const at = detail === null || end === undefined ? -1 : detail.lastIndexOf(end)
  if (detail === null || at === -1) return detail
  const first = end === ': ' ? detail.slice(0, detail.indexOf(end)) : detail.slice(0, at)
  return `${first}.`
}
