import type { ThreatSection } from '../threat.ts'

export const DEPLOYED = {
  who: 'The same, on the deployed handlers',
  may: 'do it where only a deployment has what it needs: versions and delete markers of S3, messages in queues, signatures of KMS',
  threats: {
    D1: {
      what: 'has written again what was reverted, by its message, its item, a forked log or the other form of its signature',
      refuses: '`ended/` closes a proposal for good',
      remains: null,
    },
    D2: {
      what: 'has one approval of two written, and both again in another order',
      refuses: 'the attestation names all decisions; `spent/` is created once',
      remains: null,
    },
    D3: {
      what: 'puts a delete marker over spent/, or a spent/ of their own',
      refuses: 'exactly one version, signed by `write`, no delete marker',
      remains: 'the proposal is blocked; taking away still works, as N4 shows',
    },
    D4: {
      what: 'hides a rejection by a delete marker',
      refuses: 'any version of `rejected/` counts, also a hidden one',
      remains: null,
    },
    D5: {
      what: 'sends a message of another version, or one that was attested under another configuration',
      refuses: 'one strict schema; another configuration is looked at again',
      remains: null,
    },
    D6: {
      what: 'has a write resumed that died in the middle, once a person removed the grant by hand',
      refuses: '`written/` says what IAM accepted',
      remains: 'a crash between the answer of IAM and the mark, within half an hour',
    },
    D7: {
      what: 'has a write resumed 31 minutes after it died',
      refuses: 'half an hour after `spent/` it only goes back',
      remains: null,
    },
    D8: {
      what: 'has a write resumed a day after it died',
      refuses: 'half an hour after `spent/` it only goes back',
      remains: null,
    },
    D9: { what: 'has a write resumed after the end that was approved', refuses: 'the signed end', remains: null },
    D10: {
      what: 'holds the keys of `decide` and `verify`, and signs more than people saw, for others than count, or outside the grammar',
      refuses: 'the checks of `write`',
      remains: 'edges of PassRole and AssumeRole (X5)',
    },
    D11: {
      what: 'plays an old outcome again, a false one, or one of another proposal',
      refuses: 'an outcome moves only what is not over; `write` alone signs outcomes, with number and proposal',
      remains: null,
    },
    D12: {
      what: 'adds an account to the approver group as the second person of an elevated risk, and hides or plants when it was first seen',
      refuses: 'from elevated risk on, nobody counts who was first seen less than 24 h ago; the channel is told once',
      remains: 'low risk, and a day later (X2)',
    },
  },
} as const satisfies ThreatSection
