import type { ThreatSection } from '../threat.ts'

export const BELOW_APPROVE = {
  who: 'Somebody who wants more than the mode allows',
  may: 'approve, or write to the table, in an account whose mode is lower than `approve`',
  threats: {
    M1: {
      what: 'an approver presses Approve on a card from before the mode was lowered',
      refuses: '`decide` reads the mode with each press',
      remains: 'up to five minutes, for which a running function keeps the units of an account',
    },
    M2: {
      what: 'an item claims that its mode is approve',
      refuses: 'the mode comes from the configuration, never from the item',
      remains: null,
    },
    M3: {
      what: 'an item names another account as that of the denial, one whose mode is approve',
      refuses: 'the accounts of the targets count too; the fingerprint of the denial is signed',
      remains: null,
    },
    M4: {
      what: 'the configuration is lowered between the approval and the write',
      refuses: '`verify` reads the mode again before it attests',
      remains: 'a write that has begun already; Revert works in every mode',
    },
    M5: {
      what: 'a change in an account with approve reaches into one without',
      refuses: 'the lowest mode of all accounts that the change reaches',
      remains: null,
    },
    M6: {
      what: 'a forged marker says that the channel was told',
      refuses: 'it suppresses one message; nothing is allowed by it',
      remains: 'the channel lacks its first message, or one digest',
    },
  },
} as const satisfies ThreatSection
