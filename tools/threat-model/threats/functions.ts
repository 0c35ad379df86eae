import type { ThreatSection } from '../threat.ts'

export const IN_A_FUNCTION = {
  who: 'Code that runs in one of the functions',
  may: 'do what the role of that function may',
  threats: {
    F1: {
      what: 'puts a proposal from intake or alert, which read what strangers write',
      refuses: '`dynamodb:LeadingKeys`, and only the calls that a function makes',
      remains: 'the functions that write to the log can put proposals: each is a table writer',
    },
    F2: {
      what: 'signs a decision from propose, sweep, intake, alert or publish',
      refuses: '`kms:Sign` for each key in one role',
      remains: 'code that runs in `decide` can approve: the audit log and `SourceIdentity` name the person it claimed',
    },
    F3: {
      what: 'signs a decision from verify or write, which check them',
      refuses: '`kms:Sign` for each key in one role',
      remains: 'code that runs in `decide` can approve: the audit log and `SourceIdentity` name the person it claimed',
    },
    F4: {
      what: 'assumes the writer role from any function but write',
      refuses: 'the trust policy names the role of `write`',
      remains: 'code that runs in `write` can write what the writer role may (W1, W2)',
    },
    F5: {
      what: 'calls IAM from decide, which hears people',
      refuses: '`decide` has no IAM; it reads which units an account is in',
      remains: null,
    },
    F6: {
      what: 'deletes or overwrites records of the audit log',
      refuses: 'nobody of the bot may delete; Object Lock',
      remains: null,
    },
    F7: {
      what: 'deletes items, or reads and writes them past their keys',
      refuses: '`dynamodb:LeadingKeys`, and only the calls that a function makes',
      remains: 'the functions that write to the log can put proposals: each is a table writer',
    },
    F8: {
      what: 'writes to an account through the reader role',
      refuses: 'the reader role reads',
      remains: null,
    },
  },
} as const satisfies ThreatSection
