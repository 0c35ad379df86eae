import type { ThreatSection } from '../threat.ts'

export const NEW_MEMBER = {
  who: 'Somebody who adds an account to the approver group',
  may: 'edit the user group in Slack, and with it write to the table, or put objects beside the log',
  threats: {
    Y1: {
      what: 'approves with it at once, as the second person of a high risk',
      refuses: 'from elevated risk on, nobody counts who was first seen less than 24 h ago; the channel is told',
      remains: 'low risk; a day without anybody who reads the channel',
    },
    Y2: {
      what: 'stores in the table that it is a member of long standing, or an approval that says so',
      refuses: 'since when is in what `decide` signs, and in no item',
      remains: 'the item is lost; its card says `forged`',
    },
    Y3: {
      what: 'hides when it was first seen behind a delete marker, to have everybody read again',
      refuses: 'the first version that `decide` signed counts, also a hidden one',
      remains: null,
    },
    Y4: {
      what: 'puts a first reading of their own, or an older time, before or after `decide` does',
      refuses: 'only what `decide` signed for this key counts; the bucket policy',
      remains: 'anyone who may put there keeps one person from counting, or has all wait for a day',
    },
  },
} as const satisfies ThreatSection
