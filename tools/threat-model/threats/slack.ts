import type { ThreatSection } from '../threat.ts'

export const SLACK = {
  who: 'Requests to the endpoint, and people in Slack',
  may: 'reach the endpoint, or press and type in the workspace',
  threats: {
    S1: {
      what: 'forges a press without a signature',
      refuses: 'HMAC over the raw bytes',
      remains: null,
    },
    S2: {
      what: 'signs a press with a secret of their own',
      refuses: 'HMAC over the raw bytes',
      remains: null,
    },
    S3: {
      what: 'sends a recorded press again, or one for later',
      refuses: 'five minutes, before and after',
      remains: 'a press within five minutes: it counts once',
    },
    S4: {
      what: 'sends two signatures, two timestamps, or a body that is not what its header says',
      refuses: 'one header of each name; the signed bytes decide, and the header must agree',
      remains: null,
    },
    S5: {
      what: 'sends a body of megabytes',
      refuses: '1 MB, before any secret is read',
      remains: null,
    },
    S6: {
      what: 'presses in another workspace that knows the secret',
      refuses: 'workspace and app of the settings',
      remains: null,
    },
    S7: {
      what: 'presses a copy of the card that another app posted',
      refuses: 'workspace and app of the settings',
      remains: null,
    },
    S8: {
      what: 'presses as a user of another workspace, through a shared channel',
      refuses: '`users.info`: full members of this workspace only',
      remains: 'the account of a full member (X1)',
    },
    S9: {
      what: 'presses a button with the same value in another message',
      refuses: 'a press counts from the card’s own message',
      remains:
        'a stolen bot token edits the words of a card and posts others; `show` and the audit log have what would be written',
    },
    S10: {
      what: 'approves as a guest, although an id on the list of approvers',
      refuses: '`users.info`: full members of this workspace only',
      remains: 'the account of a full member (X1)',
    },
    S11: {
      what: 'approves as an app or a workflow, although an id on the list of approvers',
      refuses: '`users.info`: full members of this workspace only',
      remains: 'the account of a full member (X1)',
    },
    S12: {
      what: 'approves with an account that is deactivated',
      refuses: '`users.info`: full members of this workspace only',
      remains: 'the account of a full member (X1)',
    },
    S13: {
      what: 'approves without being an approver',
      refuses: 'approvers of the account, by configuration and group',
      remains: null,
    },
    S14: {
      what: 'breaks the glass without being in its group',
      refuses: 'members of the break-glass group; announced in another channel',
      remains: null,
    },
    S15: {
      what: 'alters what the form of a break-glass carries',
      refuses: 'the form carries card and digest, and both are compared',
      remains: null,
    },
    S16: {
      what: 'presses with the digest of another change',
      refuses: 'the button carries the digest of the change',
      remains: null,
    },
    S17: {
      what: 'approves what they were denied themselves',
      refuses:
        'nobody approves their own denial, where it can be proved whose it is; see [who was denied](trust.md#who-was-denied)',
      remains: 'a denial of a machine whose code they write',
    },
    S18: {
      what: 'takes the name of a colleague for their session, to have their own approval counted',
      refuses: 'a session name proves nothing: two approvers, and not the one it names',
      remains: null,
    },
    S19: {
      what: 'asks with a slash command what they have no right to see',
      refuses: '`viewers`, by default the approvers',
      remains: null,
    },
    S20: {
      what: 'presses twice, to be counted as two people',
      refuses: 'people are counted, not presses',
      remains: null,
    },
    S21: {
      what: 'uses the value before the last rotation, a day later',
      refuses: '24 h after a rotation, the value before it ends',
      remains: null,
    },
    S22: {
      what: 'passes the source identity of a colleague, to have their own approval counted',
      refuses:
        "a source identity counts only where the role's trust policy sets it; else two approvers, and none of those whom the session names",
      remains: 'two people who agree; a trust policy that names one person and lets others in',
    },
    S23: {
      what: 'takes roles in a row, to approve alone what they were denied themselves',
      refuses:
        "CloudTrail's records of who issued which key lead to the one who began, who may not approve; where a record is missing, two approvers",
      remains:
        'somebody who gives their own keys to a colleague; a record that CloudTrail does not have yet: two approvers',
    },
    S24: {
      what: 'names a session after another one, takes a role that was made again, or has a record with the key of somebody else',
      refuses:
        'only the key, and the ARN and id of the session as AWS sets them, join two records; a key that two records claim proves nobody',
      remains: null,
    },
    S25: {
      what: 'takes a role that only roles enter, through one of them that lets them in, to be counted as a machine',
      refuses:
        'a role is a machine if only machines enter each role before it: by the whole ARN as a principal, or in aws:PrincipalArn beside its account, at most three in a row, as IAM has their trust policies now; one that lets in people, or cannot be read, makes all of them roles of people',
      remains: 'somebody who may change one of these trust policies, and does so after the write',
    },
    S26: {
      what: 'signs in with another provider, or in another account, under the subject of a colleague',
      refuses:
        'a subject counts only with the whole ARN of its provider, in the account whose role was entered, from the record of the sign-in; the name of the session never does for OpenID Connect',
      remains: 'who administers the provider, and a subject that it gives to another person later',
    },
  },
} as const satisfies ThreatSection
