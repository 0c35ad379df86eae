import type { ThreatSection } from '../../threat.ts'

const SIGNED = 'the device of each approver signs the decision itself (`passkeysAreWhole`), and `write` asks for it'

export const PASSKEYS = {
  who: 'Somebody without the devices of the approvers, where passkeys are on',
  may: 'one thing at a time; with `approval.passkey` elevated or always (off by default)',
  threats: {
    K1: {
      what: 'holds the signing secret of Slack, and presses as every approver',
      refuses: SIGNED,
      remains: 'low risk, where `approval.passkey` is not always',
    },
    K2: {
      what: 'has an approver’s Slack session, presses, and opens the link',
      refuses: 'the page takes nothing but the signature of that person’s passkey',
      remains: 'reading what the card says',
    },
    K3: {
      what: 'signs decisions of every approver with the key of `decide`, without a passkey, or with one of another decision',
      refuses: SIGNED,
      remains: 'low risk, where `approval.passkey` is not always',
    },
    K4: {
      what: 'signs decisions and attestations with the keys of `decide` and `verify` together',
      refuses: SIGNED,
      remains:
        'whatever both of them call low, but for break-glass and grants of more than a week for people: only with `approval.passkey` always is nothing left',
    },
    K5: {
      what: 'attests a lower risk than people signed, with the credentials of `verify`, so that no passkey is needed',
      refuses: 'the highest risk that was signed or attested decides',
      remains: 'what people signed as low and is more by now, where `approval.passkey` is not always',
    },
    K6: {
      what: 'writes approvals, pages that wait, or counters of passkeys into the table',
      refuses: 'what a passkey signs is made again from the proposal; without that signature a page decides nothing',
      remains: 'a counter that is set too high: that passkey is refused',
    },
    K7: {
      what: 'enrolls a passkey of its own in the name of an approver, with the credentials of `decide`',
      refuses: '`enroll` alone signs enrollments, and `write` verifies them',
      remains: null,
    },
    K8: {
      what: 'has the AWS credentials of an administrator whom the configuration names, and enrolls a passkey in the name of an approver',
      refuses: 'one administrator’s counts after a day, is announced, and can be removed meanwhile',
      remains:
        'two administrators, or one person who may use two listed identities of which `people` does not say that they are theirs: a root of authority',
    },
    K9: {
      what: 'runs code in `decide`: shows one change, and has another one signed',
      refuses: 'high risk needs two people who press and sign',
      remains:
        'an elevated change that one person approves, once for each press; or two who are asked to confirm a passkey in place of that, which is announced and counts after a day, until somebody removes it',
    },
    K10: {
      what: 'sends an assertion again, for another person, proposal or deployment',
      refuses: 'the challenge is the digest of the decision',
      remains: null,
    },
    K11: {
      what: 'goes on with a passkey that was removed after the approval',
      refuses: '`write` looks for `revoked/` just before it begins',
      remains: 'a removal after it began: what a crash interrupted goes on for half an hour',
    },
    K12: {
      what: 'is added to a Slack group of approvers, and enrolls',
      refuses: 'two others or an administrator confirm a passkey; `passkeys.people` names who counts',
      remains: null,
    },
    K13: {
      what: 'has the credentials of `enroll`, and signs passkeys of every approver',
      refuses: 'a passkey decides nothing without a decision that `decide` signed, for a person who pressed',
      remains: 'with the signing secret or the key of `decide` beside it: everything. Its key is replaced',
    },
    K14: {
      what: 'holds the bot token: posts a copy of the card, edits the words of the real one, and hands an approver the link of another person',
      refuses:
        'a press counts from the card’s own message; the page shows the stored change, and takes the passkey of the person who pressed alone',
      remains: 'a link to another host, on which no passkey of this one works',
    },
    K15: {
      what: 'takes what `verify` asked out of the queue of `write`, and sends it without a passkey, with another one, or again',
      refuses:
        'the passkey is inside of what `decide` signed, and a proposal is written once; the queue of `verify` names an item alone (Q1)',
      remains: null,
    },
  },
} as const satisfies ThreatSection
