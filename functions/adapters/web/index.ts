/** Pages of the bot's own endpoint. */

export { approvalEndpoint, enrollEndpoint } from './passkey-endpoint.ts'
