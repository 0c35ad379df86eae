import type { ThreatSection } from '../threat.ts'

export const ASKS_WRITE = {
  who: 'Somebody who can ask `write`, put objects beside the log, or holds the key of `verify`',
  may: 'send to the queue of `write`, put objects beside the log, or sign as `verify` or `decide` does',
  threats: {
    N1: {
      what: 'has a reverted change written again, with the signatures of its approval',
      refuses: '`ended/` closes a proposal for good',
      remains: null,
    },
    N2: {
      what: 'has one approval written, then two, then both in another order',
      refuses: '`spent/` has the name of the proposal: what is asked does not matter',
      remains: null,
    },
    N3: {
      what: 'gives the signature its other form (r, n − s), which is as valid',
      refuses: 'digests are over statements, never over signatures',
      remains: null,
    },
    N4: {
      what: 'puts a delete marker over spent/, for a proposal to look new',
      refuses: 'exactly one version, no delete marker',
      remains: 'the proposal is blocked; taking away still works',
    },
    N5: {
      what: 'puts a spent/ of their own, before or after, signed by another key or for another deployment',
      refuses: 'exactly one version, signed by `write` for this deployment',
      remains: 'the proposal is blocked',
    },
    N6: {
      what: 'has written again what a person removed by hand, by a resume',
      refuses: '`written/` says what IAM accepted',
      remains: 'a crash between the answer of IAM and the mark, within half an hour',
    },
    N7: {
      what: 'resumes a write after 31 minutes, after its end, after a day',
      refuses: 'half an hour after `spent/` it only goes back',
      remains: null,
    },
    N8: {
      what: 'hides a rejection by a delete marker, and has the change written',
      refuses: 'any version of `rejected/` counts, also a hidden one',
      remains: null,
    },
    N9: {
      what: 'asks `write` in the form of an earlier or a later version',
      refuses: 'one strict schema; another configuration is looked at again',
      remains: null,
    },
    N10: {
      what: 'has one revert end a later grant of the same change',
      refuses: 'a revert names its proposal',
      remains: null,
    },
    N11: {
      what: 'puts an ended/ of their own over a grant that stands, for nobody to end it or to look for its record',
      refuses: 'of `ended/`, `verify` counts only what `write` signed, and raises an alarm for the rest',
      remains: null,
    },
    N12: {
      what: 'has a change written that somebody rejects while `write` reads it the second time',
      refuses: '`rejected/` is looked for last, just before `spent/`',
      remains: 'a rejection after `spent/`: Revert takes the change away',
    },
    V1: {
      what: 'signs decisions with the key of `verify`, or an attestation with that of `decide`',
      refuses: 'each key has one use',
      remains: null,
    },
    V2: {
      what: 'attests another change than the one that people signed',
      refuses: 'one digest of the documents, in every signature',
      remains: null,
    },
    V3: {
      what: 'signs both, for everything, for everybody, or with Not',
      refuses: 'the grammar of what can be written',
      remains: 'with the keys of `decide` and `verify`, edges of PassRole and AssumeRole',
    },
    V4: {
      what: 'has a change written that opens more today than people saw',
      refuses: 'risk, number, findings and openings are signed, and may not grow',
      remains: 'a holder of the key of `verify` can attest less than there is',
    },
    V5: {
      what: 'counts the approval of the person who was denied, whom a source identity named',
      refuses: 'every requester that is signed or attested, known or claimed',
      remains: null,
    },
    V6: {
      what: 'counts two accounts of one person',
      refuses: 'one user id and one verified address are one person',
      remains: 'two accounts with two addresses',
    },
    V7: {
      what: 'keeps an attestation for later, dated ahead',
      refuses: 'at most a minute ahead, ten minutes old',
      remains: null,
    },
    V8: {
      what: 'says that an approved change has ended an earlier grant that stands',
      refuses: '`write` compares both with its own `spent/`',
      remains: null,
    },
    V9: {
      what: 'takes a grant away without a signed revert, before its end',
      refuses: 'a signed revert, the signed end, or two signed observations',
      remains: 'a holder of the key of `verify` can sign observations, and so end a bridge early',
    },
    V10: {
      what: 'counts an account that was added to the approver group within the last 24 h',
      refuses: 'since when is signed in the decision, and counted from elevated risk on',
      remains: 'low risk; a holder of the key of `decide` can sign another time',
    },
    O1: {
      what: 'plays an old outcome again: a write after its revert, a refusal after a write',
      refuses: 'an outcome moves only what is not over',
      remains: null,
    },
    O2: {
      what: 'puts an outcome that says reverted, signed by the key of `verify` or of nobody',
      refuses: 'the key of outcomes is that of `write` alone',
      remains: null,
    },
    O3: {
      what: 'moves a true outcome to another number, or names another proposal for it',
      refuses: 'an outcome signs its number and its proposal',
      remains: null,
    },
    O4: {
      what: 'stores that a grant which stands was never written, or was rejected, for the card to hide it',
      refuses: 'a signed write is shown, whatever the item says',
      remains: null,
    },
    O5: {
      what: 'empties the log that has a revert, and sets the proposal to approved again',
      refuses: 'nothing reads the log to learn what is allowed',
      remains: null,
    },
  },
} as const satisfies ThreatSection
