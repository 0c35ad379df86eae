/** Pull requests: the order, the text, the news. */

export { changesForCode } from './code-changes.ts'
export { codeBlock, inlineCode, linkTo, sentence, tableCell, withCommands } from './markdown.ts'
export { type PullNews, pullNews } from './pull-news.ts'
export { bridgeEndOf, orderOf, wantedOf } from './pull-order.ts'
export { authorOf, CLOSED, commitMessage, pullBody, pullTitle, REMIND_BEFORE_MS, reminderOf } from './pull-text.ts'
export { type SignedApprovals, signedApprovals } from './signed-approvals.ts'
