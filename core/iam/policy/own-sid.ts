import type { Statement } from './policy-document.ts'

const OWN_SID = /^Rolemedic[0-9a-f]{8}[a-z]*$/

/** True for a Sid of rolemedic. Proves nothing alone: use it only for statements that this change adds. */
export const hasOwnSid = ({ Sid = '' }: Statement): boolean => OWN_SID.test(Sid)
