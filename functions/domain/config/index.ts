/** The schema of `rolemedic.config.json`. */

export {
  type Asked,
  approvalAsksAnywhere,
  approvalAsksIn,
  askedAt,
  asksByUnit,
  isTicket,
  MAX_TICKET_CHARS,
  strictest,
  type TicketForm,
  ticketUrl,
} from './approval-asks.ts'
export { CHAT, CHAT_ID_FORMS, CHAT_NAME, chatUserOf, isChatId, TYPED_USER } from './chat-ids.ts'
export {
  configWarnings,
  nearestKey,
  parseBotConfig,
  parseConfig,
  parseDeployedConfig,
  strictJson,
} from './check-config.ts'
export { codeHostOf } from './code-host.ts'
export { type BotConfig, botConfigSchema, type Config, DEFAULT_CONFIG, type PermanentGrants } from './config.ts'
export { configJsonSchema } from './config-json-schema.ts'
export { type FreezeWindow, freezesByUnit, frozenBetween, frozenThroughout, windowsIn } from './freeze.ts'
export {
  type AppliedMode,
  dependsOnUnits,
  lowest,
  lowestMode,
  mayObserve,
  modeIn,
  modeInWords,
  NO_PERMISSION_SETS,
  nextUp,
  topMode,
} from './mode.ts'
export { passkeyRuleOf } from './passkey-rule.ts'
export { SAMPLE_WARNING } from './sample-ids.ts'
export { isWorkloadIssuer } from './workload-issuers.ts'
export { configDigestOf, WRITE_CONFIG_FILE, writeConfigText } from './write-config.ts'
