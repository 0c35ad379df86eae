import type { ThreatSection } from '../threat.ts'

export const LOG_WRITER = {
  who: 'Somebody who can write into the audit log',
  may: 'put any object into the log, without a key',
  threats: {
    A1: {
      what: 'puts garbage at the next number, to stop the log forever',
      refuses: 'foreign objects are skipped and alarmed; a taken key is a conflict',
      remains: 'the proposal whose key was taken waits for a person',
    },
    A2: {
      what: 'takes the key of a record that is to come, with another content',
      refuses: 'foreign objects are skipped and alarmed; a taken key is a conflict',
      remains: 'the proposal whose key was taken waits for a person',
    },
    A3: {
      what: 'inserts an approval that nobody gave',
      refuses: 'records of decisions and writes are signed; `audit verify`',
      remains: 'records of other kinds are chained only',
    },
    A4: {
      what: 'changes a record and computes the chain again',
      refuses: 'records of decisions and writes are signed; `audit verify`',
      remains: 'records of other kinds are chained only',
    },
    A5: {
      what: 'cuts the end off, and the head with it',
      refuses: 'a signed checkpoint leaves the log once a day',
      remains: 'what was appended since the last checkpoint',
    },
    A6: {
      what: 'writes the whole log again, without signatures',
      refuses: 'a signed checkpoint leaves the log once a day',
      remains: 'what was appended since the last checkpoint',
    },
    A7: {
      what: 'plants a record that forks the log before a revert, to have the change written again',
      refuses: 'nothing reads the log to learn what is allowed: `spent/` and `ended/` say it',
      remains: null,
    },
  },
} as const satisfies ThreatSection
