import type { ThreatSection } from '../threat.ts'

export const WRITER_SESSION = {
  who: 'Somebody with the writer role',
  may: 'do what the writer role of an account may',
  threats: {
    W1: {
      what: 'changes the writer role, its boundary or another role of the bot',
      refuses: 'policy and boundary of the writer role',
      remains: 'ordinary roles, users and policies of the account',
    },
    W2: {
      what: 'makes users, keys or roles, attaches policies, or takes a boundary away',
      refuses: 'policy and boundary of the writer role',
      remains: 'ordinary roles, users and policies of the account',
    },
    W3: {
      what: 'is assumed from another account, or without the external id',
      refuses: 'trust policy: hub, role of `write`, external id',
      remains: null,
    },
    W4: {
      what: 'writes in a session that does not say who approved what',
      refuses: 'the writer role denies everything without source identity, proposal and digest',
      remains: null,
    },
  },
} as const satisfies ThreatSection
