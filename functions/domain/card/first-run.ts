/** The first message of a channel: what rolemedic is, what it does here, and where that is configured. */
import { never } from '../../../core/base/index.ts'
import { type AppliedMode, modeInWords } from '../config/index.ts'

/** After the first card of a channel a backlog may follow. During this time, fewer cards than usual make a storm list. */
export const FIRST_RUN_MS = 60 * 60_000
export const FIRST_RUN_CARDS = 3

export function firstRunText(mode: AppliedMode): string {
  return [
    'rolemedic is on in this channel. It sees denials of iam:PassRole and sts:AssumeRole, finds the cause, and drafts the smallest change that lifts them.',
    `Here, ${modeInWords(mode)}: ${meaning(mode)}`,
    `To change that, set "mode" in rolemedic.config.json for everything, for an organizational unit ("organizationalUnits") or for an account ("accounts").`,
    ...(mode.mode === 'observe'
      ? []
      : [
          `If much was denied before, the first hour shows at most ${FIRST_RUN_CARDS} cards; the others are one list with a thread.`,
        ]),
  ].join('\n')
}

/** For a deployment that judged as `approve` before it had to be said. */
export const unsetModeText = (): string =>
  [
    'rolemedic.config.json sets no "mode". From this version on that means observe, except in accounts and units with a mode of their own: denials are counted and recorded, there are no cards, and nobody can approve.',
    'To have cards with Approve as before, add "mode": "approve" and deploy.',
    'Grants that stand can be reverted, and those with an end still end.',
  ].join('\n')

function meaning({ mode }: AppliedMode): string {
  switch (mode) {
    case 'observe':
      return 'it counts and records, and tells once a day what it saw. There are no cards.'
    case 'recommend':
      return 'cards show the change as code and who makes it. Nobody can approve on them.'
    case 'approve':
      return 'cards show the change, and the configured approvers decide. Nothing is written before they do.'
    default:
      return never(mode)
  }
}
