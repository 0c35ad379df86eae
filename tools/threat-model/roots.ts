import type { Root } from './threat.ts'

/** Whom rolemedic believes. The tests show both that the power is there and where it ends. */
export const ROOTS = {
  X1: {
    who: 'anyone who has the Slack session of an approver',
    can: 'approve what that approver may: at low risk alone',
    limits:
      'only the change on the card; two people from elevated risk on; nobody’s own denial; no break-glass without the configuration. With passkeys on, nothing from elevated risk on',
    see: ['S16', 'S17', 'S20', 'V4', 'V5', 'V6', 'K2'],
  },
  X2: {
    who: 'anyone who edits the approver group',
    can: 'add an account, which counts at once at low risk, and from the first reading of the group on at every risk',
    limits:
      'from elevated risk on it counts 24 h after it was first seen, and the channel is told. Keep the group small',
    see: ['Y1', 'Y2', 'Y3', 'Y4', 'D12'],
  },
  X3: {
    who: 'anyone who has the Slack signing secret',
    can: 'press in the name of every approver',
    limits:
      'until it is rotated: the value before ends after 24 h. What is on the card is all that can be approved. With passkeys on, nothing from elevated risk on',
    see: ['S3', 'S9', 'S16', 'S21', 'K1'],
  },
  X4: {
    who: 'anyone who edits the deployed configuration',
    can: 'decide who approves, and in which mode',
    limits: 'the digest of the configuration is signed: what was analyzed under another one is looked at again',
    see: ['M1', 'M4', 'N9'],
  },
  X5: {
    who: 'anyone who holds the keys of `decide` and `verify` together',
    can: 'open a PassRole or AssumeRole edge that nobody approved, with people and a time that they make up',
    limits:
      'the grammar of what can be written: no other action, no other effect, nothing of others removed. With `approval.passkey` always, nothing',
    see: ['V1', 'V2', 'V3', 'D10', 'K4'],
  },
  X6: {
    who: 'an approver who can write to the table',
    can: 'alter the session of their own low-risk denial before anybody approves, and approve it alone',
    limits:
      'from elevated risk on CloudTrail’s own record is compared before the write. The change is still the least-privilege patch. The SCPs keep people out of the table',
    see: ['B5', 'B8', 'H2', 'T17', 'T47'],
  },
  X7: {
    who: 'the deployment: the execution role of the CDK and `platform-deploys-rolemedic`',
    can: 'replace the code and the policies of each function, and the policies of keys',
    limits: 'the SCPs let nobody else in the hub assume or pass one of them. Who their trust lets in, can',
    see: ['H6', 'H7', 'H8'],
  },
} as const satisfies { readonly [id: string]: Root }
