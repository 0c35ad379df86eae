/** Why a text does not tell which role it is about. */
import type { Unread } from '../../denial/denial.ts'

export function whyUnread(unread: Unread | undefined): string {
  const said = unread?.said === undefined || unread.said === null ? '' : `: “${unread.said}”`
  switch (unread?.kind) {
    case 'masked':
      return `the text hides it${said}`
    case 'placeholder':
      return `a placeholder stands for it${said}`
    case 'cut':
      return `the text ends inside it${said}`
    case 'malformed':
      return `what stands in its place is no ARN${said}`
    default:
      return 'the text does not name it'
  }
}
