import type { ThreatSection } from '../threat.ts'

export const OWN_ACCOUNT = {
  who: 'Somebody with an account of their own',
  may: 'do everything in an account that is not of the organization',
  threats: {
    R1: {
      what: 'has a role of the name of the reader role, for rolemedic to enter and believe it',
      refuses: 'the reader role is assumed only in accounts known to be in the organization',
      remains: 'accounts that the configuration lists',
    },
  },
} as const satisfies ThreatSection
