/** What an option of a card's menu carries: its action, whether a form asks first, and the value of a button. */

/** The action id of the menu. */
export const MENU_ACTION = 'more'

const ASKS_FIRST = '?'

/** `asksFirst`: Slack has one dialog for all options of a menu, so a form confirms those that need it. */
export const menuValue = (action: string, value: string, asksFirst: boolean): string =>
  `${asksFirst ? ASKS_FIRST : ''}${action} ${value}`

export type MenuChoice = { readonly action: string; readonly asksFirst: boolean; readonly value: string }

export function parseMenuValue(text: string): MenuChoice | null {
  const asksFirst = text.startsWith(ASKS_FIRST)
  const [action = '', value, ...rest] = text.slice(asksFirst ? ASKS_FIRST.length : 0).split(' ', 3)
  return value === undefined || action === '' || rest.length > 0 ? null : { action, asksFirst, value }
}
