/** Accounts and Regions that are heard from, and the silence of one. */

export { type ArrivedCanary, canaryArn, canaryIn, lostCanary, READER_SESSION } from './canary.ts'
export {
  HEARTBEAT_PATTERN,
  HEARTBEAT_RULE,
  HEARTBEAT_SOURCE,
  HEARTBEAT_TYPE,
  type Heartbeat,
  type MemberRegion,
  readHeartbeat,
} from './heartbeat.ts'
export { type LastHeard, memberKey, NO_WATCH, SILENT_AFTER_MS, type SilenceWatch, silenceOf } from './silence.ts'
export { agoInWords, silenceNotice } from './silence-notice.ts'
