import type { ThreatSection } from '../threat.ts'

export const BUS_SENDER = {
  who: 'Somebody who can send events to the bus',
  may: 'send any event, as a member account can on its own bus',
  threats: {
    B1: {
      what: 'replays one event many times, to look like a storm',
      refuses: 'an event is counted once by its id',
      remains: 'other ids: a storm list, and limits per principal and day',
    },
    B2: {
      what: 'reports a denial of one of rolemedic’s own roles',
      refuses: 'the bot’s own roles are never proposals',
      remains: null,
    },
    B3: {
      what: 'sends what is no CloudTrail record, deep or long',
      refuses: 'sizes are bounded, times are linear',
      remains: null,
    },
    B4: {
      what: 'writes Slack markup into the session name and the message',
      refuses: 'texts are escaped and marks removed before they are shown',
      remains: 'a convincing name',
    },
    B5: {
      what: 'forges a record for a change of elevated or high risk, and people approve it',
      refuses: "CloudTrail's own history is asked before the write: `unwitnessed`",
      remains: 'low risk is not asked: one approver decides on what the analysis verified',
    },
    B6: {
      what: 'forges a record with the id of another one',
      refuses: 'the record under the id must say the same: caller, session, action, role, time',
      remains: null,
    },
    B7: {
      what: 'forges a record of an account outside of the organization, to be let into a role',
      refuses: 'what cannot be read leads to no change',
      remains: null,
    },
    B8: {
      what: 'alters the source identity of a true denial, to be taken for somebody else',
      refuses: 'the record under the id must have the same source identity',
      remains: 'low risk is not asked',
    },
    B9: {
      what: 'hides a denial in the detail of a heartbeat, which anybody in a member account may put on its bus',
      refuses: 'an event of that source is never searched for denials',
      remains: null,
    },
    B10: {
      what: 'sends a heartbeat that names another account and a time to come',
      refuses: 'account and Region are those that AWS wrote on the envelope; no time after now counts',
      remains: 'their own account: who may put events on its bus can keep it from looking silent',
    },
    B11: {
      what: 'names in the log of a failed job what was denied in another account',
      refuses: "account and Region are those on the envelope; a job's words about others are dropped",
      remains: null,
    },
    B12: {
      what: 'claims in the log of a failed job that an administrator was denied a role',
      refuses: "no text of a job starts a proposal: the denial waits for CloudTrail's record, in that account and time",
      remains: null,
    },
    B13: {
      what: 'sends a log of megabytes, or one with thousands of denials',
      refuses: 'the last 60,000 characters are read, in linear time; fifty permissions are stored, ten shown',
      remains: null,
    },
    B14: {
      what: 'writes markup, a sentence or an address of their own into the name and the run of a job',
      refuses: 'a name has no spaces; only hosts of known CI systems become links, the others are named',
      remains: 'a convincing name, or a page on a known host; the alert says that AWS has not confirmed it',
    },
    B15: {
      what: 'reports thousands of failed jobs, to bury the channel and what AWS reports',
      refuses:
        'twenty jobs for each account, Region and day, in a list of their own; all attempts of a job share one alert',
      remains: 'twenty alerts a day; true jobs after them are not heard',
    },
    B16: {
      what: 'sends a failed job of long ago, or of a time to come',
      refuses: 'the time of a job counts only within the last 24 hours',
      remains: null,
    },
    B17: {
      what: 'sends a success of the denied call that never happened, to have its card closed',
      refuses: "a card closes by what CloudTrail's own event history says, read through the reader role",
      remains: 'who can make the call itself has the permission',
    },
    B18: {
      what: 'sends writes of IAM that never happened, to have a colleague named for them',
      refuses: "the write on a card is from CloudTrail's own event history, and is evaluated before and after",
      remains: null,
    },
    B19: {
      what: 'sends the event of `/rolemedic doctor` a thousand times, to have the functions try all day',
      refuses:
        'nothing is tried unless the table says that a person asked within two minutes, and once for each question',
      remains: 'a read of the table for each event; only roles of the hub may put it',
    },
  },
} as const satisfies ThreatSection
