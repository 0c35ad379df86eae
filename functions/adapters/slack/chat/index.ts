export { slackCall } from './call.ts'
export { slackChat } from './chat.ts'
export { SlackFault } from './fault.ts'
export { SCOPES } from './scopes.ts'
