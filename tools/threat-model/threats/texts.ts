import type { ThreatSection } from '../threat.ts'

export const REPEATED_WORDS = {
  who: 'Somebody whose words a log or a stack repeats',
  may: 'write lines that a failed deploy repeats',
  threats: {
    L1: {
      what: 'echoes a denial into a build log that names another role',
      refuses:
        "a text may name the deploy's own role in its own session only: both (`mayEnter`); a build's role is CodeBuild's answer, and unknown starts no card",
      remains:
        "a build can report a denial of itself; AWS does not say what CodePipeline names its sessions, so an action's reasons may name any session of its role",
    },
    L2: {
      what: 'writes the reason of a custom resource, a wait condition or a nested stack',
      refuses: 'no reason that somebody else than AWS writes starts a card',
      remains: null,
    },
    L3: {
      what: 'names another role or session in the reason of an ordinary resource',
      refuses: "a text may name the deploy's own role in its own session only (`mayEnter`)",
      remains: 'a stack without a service role acts as its caller: anybody of the account can be named, and L5 decides',
    },
    L4: {
      what: 'reports a hundred denials in one deploy, to bury the channel in cards',
      refuses: 'ten cards for a deploy; the alert says how many were left out',
      remains: 'ten cards',
    },
    L5: {
      what: 'has a denial approved that only a text reports and that never happened',
      refuses: 'what only a text reports is written once CloudTrail has its record, at any risk',
      remains: 'two people are bothered',
    },
    L6: {
      what: 'reports a true denial, under the session of a colleague or of another day',
      refuses: 'the record must have the same session, and a time within ten minutes',
      remains: 'a text without a session takes that of the record',
    },
    L7: {
      what: 'names a colleague in a build log or the answer of a macro, for people to grant them something by hand',
      refuses:
        "a permission is certain, with a statement, only where AWS writes it of the deploy's accounts, or a text names the deploy's own role and session",
      remains: 'a build can name itself; AWS repeats values of a template, which can name anybody of the account',
    },
  },
} as const satisfies ThreatSection
