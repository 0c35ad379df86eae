import type { ThreatSection } from '../threat.ts'

export const TABLE_WRITER = {
  who: 'Somebody who can write to the table',
  may: 'put any item into the table',
  threats: {
    T1: {
      what: 'puts a whole proposal that allows everything, as if it had been approved',
      refuses: 'only signed decisions count (`grantOf`)',
      remains: 'the item is lost; its card says `forged`',
    },
    T2: {
      what: 'sets an open proposal to approved with nobody in the list',
      refuses: 'a grant needs at least one signed approval',
      remains: null,
    },
    T3: {
      what: 'sets an open proposal to approved with one of the two approvals that it needs',
      refuses: 'approvals are counted again by person, against the number that was signed and the number needed now',
      remains: null,
    },
    T4: {
      what: 'enters the approval of another person beside the one that was given',
      refuses: 'only signed decisions count (`grantOf`)',
      remains: 'the item is lost; its card says `forged`',
    },
    T5: {
      what: 'lists the one signed approval twice',
      refuses: 'approvals are counted again by person, against the number that was signed and the number needed now',
      remains: null,
    },
    T6: {
      what: 'lists the signed approval a second time under another person’s name',
      refuses: 'the person in the item must be the person who signed',
      remains: null,
    },
    T7: {
      what: 'copies the signed approval of another proposal',
      refuses: 'a decision names its proposal',
      remains: null,
    },
    T8: {
      what: 'uses a signed revert as an approval',
      refuses: 'a decision names its kind',
      remains: null,
    },
    T9: {
      what: 'signs with a key of their own, under the name of the right one',
      refuses: 'the key ring of the deployment, by use: decisions, attestations, outcomes',
      remains: 'the role of `decide`, which alone may sign (F2, H4)',
    },
    T10: {
      what: 'has verify’s own key sign a decision',
      refuses: 'the key ring of the deployment, by use: decisions, attestations, outcomes',
      remains: 'the role of `decide`, which alone may sign (F2, H4)',
    },
    T11: {
      what: 'lowers the number of approvers in the signed decision',
      refuses: 'every member of a decision is signed',
      remains: null,
    },
    T12: {
      what: 'changes the configuration’s digest, the requester or the time in the signed decision',
      refuses: 'every member of a decision is signed',
      remains: null,
    },
    T13: {
      what: 'moves the end of the approval',
      refuses: 'the end is signed; IAM enforces it by a condition',
      remains: null,
    },
    T14: {
      what: 'turns the approval into a break-glass, which needs nobody else',
      refuses: 'break-glass is a signed kind',
      remains: null,
    },
    T15: {
      what: 'gives the approval a new date',
      refuses: 'the time is signed',
      remains: null,
    },
    T16: {
      what: 'widens the document and leaves its digest',
      refuses: 'the digests of the documents are computed again',
      remains: null,
    },
    T17: {
      what: 'widens the document and computes its digest',
      refuses: 'the digest of the patch is signed: targets, before, after',
      remains: null,
    },
    T18: {
      what: 'aims the approved document at another account',
      refuses: 'the digest of the patch is signed: targets, before, after',
      remains: null,
    },
    T19: {
      what: 'adds a second change to the approved one',
      refuses: 'the digest of the patch is signed: targets, before, after',
      remains: null,
    },
    T20: {
      what: 'hides a change behind required: false, so that no digest covers it',
      refuses: 'a write follows from required changes only, and the digest covers those',
      remains: null,
    },
    T21: {
      what: 'gives the approved change to another denial',
      refuses: 'the fingerprint of the denial is signed',
      remains: 'members outside of the fingerprint; the analysis runs again and must give the signed digest',
    },
    T22: {
      what: 'gives information a change, and an approval of something else',
      refuses: 'a decision names its proposal',
      remains: null,
    },
    T23: {
      what: 'lowers the risk, the verdict and the approvers of an open proposal',
      refuses: 'what was signed is never lowered, and the analysis runs again',
      remains: 'X6',
    },
    T24: {
      what: 'alters the planned write before it is resumed',
      refuses: 'an item cannot say what was begun: `write` goes on from `spent/`, `written/` and IAM alone',
      remains: null,
    },
    T25: {
      what: 'aims the planned write at another role',
      refuses: 'an item cannot say what was begun: `write` goes on from `spent/`, `written/` and IAM alone',
      remains: null,
    },
    T26: {
      what: 'plans another end for the writes that were begun',
      refuses: 'an item cannot say what was begun: `write` goes on from `spent/`, `written/` and IAM alone',
      remains: null,
    },
    T27: {
      what: 'plans to restore a document that was never there, and sets a failure',
      refuses: 'an item cannot say what was begun: `write` goes on from `spent/`, `written/` and IAM alone',
      remains: null,
    },
    T28: {
      what: 'has a change that stands rolled back, by a failure and the plan that was approved',
      refuses: '`spent/` is written once: `write` gives again the outcome that it has signed',
      remains: null,
    },
    T29: {
      what: 'has a change that stands rolled back, by a plan that nobody approved',
      refuses: '`spent/` is written once: `write` gives again the outcome that it has signed',
      remains: null,
    },
    T30: {
      what: 'asks for a revert that nobody signed',
      refuses: 'a revert by a person is signed by that person',
      remains: null,
    },
    T31: {
      what: 'asks for it with the signed approval',
      refuses: 'a decision names its kind',
      remains: null,
    },
    T32: {
      what: 'asks for it with somebody else’s signed revert',
      refuses: 'a revert by a person is signed by that person',
      remains: null,
    },
    T33: {
      what: 'ends a grant without end, as sweep does at the end of its time',
      refuses: 'the end that was signed with the approval',
      remains: null,
    },
    T34: {
      what: 'stores another document as the one before, for the revert to restore',
      refuses: '`write` takes away what its own `spent/` says, whatever the item says',
      remains: null,
    },
    T35: {
      what: 'stores another role as the one that was changed',
      refuses: '`write` takes away what its own `spent/` says, whatever the item says',
      remains: null,
    },
    T36: {
      what: 'plans the undoing so that it writes what they like',
      refuses: '`write` plans an undoing from `spent/` and IAM; nothing that is stored elsewhere counts',
      remains: null,
    },
    T37: {
      what: 'leaves a document out of what was written, for the revert to leave it open',
      refuses: '`write` takes away what its own `spent/` says, whatever the item says',
      remains: null,
    },
    T38: {
      what: 'claims that a crashed run has undone it already, for the card to say so',
      refuses: '`write` plans an undoing from `spent/` and IAM; nothing that is stored elsewhere counts',
      remains: null,
    },
    T39: {
      what: 'puts a revert that was carried out into the item of a later grant',
      refuses: 'a decision names its proposal',
      remains: null,
    },
    T40: {
      what: 'sets a proposal that a person reverted to approved again',
      refuses: '`ended/` closes a proposal for good',
      remains: null,
    },
    T41: {
      what: 'sets a proposal that stands to approved again, to have it written again',
      refuses: '`spent/` is written once: `write` gives again the outcome that it has signed',
      remains: null,
    },
    T42: {
      what: 'keeps a signed approval back and sets the proposal to approved a day later',
      refuses: 'no first write more than 24 h after the approval',
      remains: 'within 24 h, a proposal that failed or went stale before anything was written',
    },
    T43: {
      what: 'has the approval of somebody counted who is no approver any more',
      refuses: 'approvers are looked up again before the write',
      remains: 'group members are cached for some minutes',
    },
    T44: {
      what: 'has an approval whose time was over counted beside a later one, by storing them in another order',
      refuses: 'the last decision is the latest by its signed time, in whatever order',
      remains: null,
    },
    T45: {
      what: 'moves the head of the audit log in the table, for a write to leave no record',
      refuses: 'no write without a record of the intent first; a hundred missing numbers end the reading',
      remains:
        'the log stops until the head is repaired (an alarm); appending follows the log to its end from any true record',
    },
    T46: {
      what: 'takes the lease from a worker, for two of them to write',
      refuses:
        '`spent/` is created once; `write` takes one message of a target at a time, and goes on from what it kept',
      remains: 'delay',
    },
    T47: {
      what: 'stores that a machine was denied, to have their approval of their own denial counted',
      refuses: 'who was denied follows from a fresh analysis, not from the item',
      remains: 'T23: the denial itself, at low risk',
    },
    T48: {
      what: 'stores that an account was heard at a time to come, to hide its silence',
      refuses: 'a time to come counts as silence, and the next heartbeat replaces it',
      remains:
        'who stores a heartbeat of now again and again hides a silent account that the configuration does not name; who deletes one hides a refused reader role for 15 minutes',
    },
    T49: {
      what: 'alters or deletes the item of a low-risk write, for nobody to miss the record of its denial',
      refuses:
        'what was written and for which denial follows from `spent/`; that the record was seen is signed by `verify`',
      remains: 'for a day after the write, one alarm for each write',
    },
    T50: {
      what: 'stores the change that restores what was lost in place of the smallest one, after somebody approved that',
      refuses: 'a decision names the digest of its change',
      remains:
        'what an open card says took the permission away, also after its last look, which rests on a digest in the item: people read it, and nothing follows from it',
    },
    T51: {
      what: 'stores that a grant was taken away outside of rolemedic, for nobody to revert it or to be asked about it',
      refuses: 'the next look reads IAM again; the audit log goes on listing the grant',
      remains: 'what its card and the Home tab say for up to a day, and as long as it is stored again after each look',
    },
    T52: {
      what: 'stores that an operator stopped granting, for nothing to be granted any more, or for nothing to end',
      refuses: 'a stop only withholds: reverts and ends go on, and what was approved waits, under its own limits',
      remains:
        'while the item stands nothing is granted, and an item that cannot be read is a stop too; cards and `rolemedic resume` name who it says stopped, and a stop that is taken away again grants only what was approved',
    },
    T53: {
      what: 'stores a configuration of their own as the last good one, while the deployed one cannot be read',
      refuses:
        'nothing is granted under it, and what was approved under it counts only for whom the deployed configuration names',
      remains:
        'until the file is repaired, cards go where it says, whom it names can take grants away in Slack, and whom it leaves out cannot; `rolemedic revert` can',
    },
    T54: {
      what: 'stores that somebody else has the turn to append to the audit log, or takes a turn away, to hold the log back or to fork it',
      refuses:
        'a turn saves requests and decides nothing: after five seconds in which nothing is appended nobody waits for it, and the storage takes a number once',
      remains: 'each append takes five seconds more, while the item is stored again every few seconds',
    },
    T55: {
      what: 'alters an item while `write` has its change, for the log to say of somebody else that something was refused, undone or reverted',
      refuses: 'a record has what people signed; where the item says something else, its words are left out',
      remains:
        'the name of the session and the ids of the events, which nobody signs; the words of a record before anybody has decided',
    },
    T56: {
      what: 'alters the cause or the checks of an item after people approved it, for its pull request to say something harmless',
      refuses: 'a decision has the digest of what was shown, and the pull request leaves other words out',
      remains:
        'a pull request without them; an item that is altered between its card and a press: `decide` signs what it says by then',
    },
  },
} as const satisfies ThreatSection
