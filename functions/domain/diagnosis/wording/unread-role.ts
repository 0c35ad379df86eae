/** Why a text does not identify its role. */
import type { Unread } from '../../denial/denial.ts'

export function whyUnread(unread: Unread | undefined): string {
  const text = unread?.text === undefined || unread.text === null ? '' : `: “${unread.text}”`
  switch (unread?.kind) {
    case 'masked':
      return `the text hides it${text}`
    case 'placeholder':
      return `the text has a placeholder instead${text}`
    case 'cut':
      return `the text ends inside it${text}`
    case 'malformed':
      return `the text in its place is not an ARN${text}`
    default:
      return 'the text does not name it'
  }
}
