import type { ThreatSection } from '../threat.ts'

export const HUB_ADMINISTRATOR = {
  who: 'An administrator of the hub account',
  may: 'do everything in the hub that no SCP denies. The SCPs are those in `infra/policies`; they exempt the functions, the roles of the CDK and three roles that are entered from outside of the hub ([who can become the bot](deploy-settings.md#who-can-become-the-bot))',
  threats: {
    H1: {
      what: 'puts, rotates or reads the secrets',
      refuses: 'SCPs: only functions read them, only the keeper’s role stores them',
      remains: 'the management account; an organization without the SCPs; code that the deploy role deploys',
    },
    H2: {
      what: 'writes to the table',
      refuses: 'SCPs: only functions write items, and the operators’ role the one that stops granting',
      remains: 'the management account; an organization without the SCPs; code that the deploy role deploys',
    },
    H3: {
      what: 'sends work to a queue, takes messages, or invokes a function',
      refuses: 'SCPs: only functions and the operators’ role move messages; nobody invokes',
      remains:
        'the management account; an organization without the SCPs; operators can send messages, which allow nothing (Q)',
    },
    H4: {
      what: 'signs with the keys, or gives them to somebody',
      refuses: 'SCPs: only `decide`, `verify`, `write` and `enroll` sign; deployments change keys',
      remains: 'the management account; an organization without the SCPs; code that the deploy role deploys',
    },
    H5: {
      what: 'changes the audit bucket’s policy, or deletes records',
      refuses: 'SCPs: deployments change the bucket; Object Lock',
      remains:
        'the management account; an organization without the SCPs; the deploy role, where the lock is in governance mode',
    },
    H6: {
      what: 'becomes write: assumes its role, or gives it another trust policy, policy version or code',
      refuses: 'SCPs: deployments change roles, policies and functions',
      remains: 'the management account; an organization without the SCPs; code that the deploy role deploys',
    },
    H7: {
      what: 'becomes a principal that the SCPs exempt: its trust, its identity provider, a stack that acts with its role',
      refuses: 'SCPs cover every principal that they exempt, in any number of hops',
      remains:
        'the management account; an organization without the SCPs; people whom the trust of these roles lets in; a pipeline in the hub that runs as one of them',
    },
    H8: {
      what: 'replaces what a deployment takes: assets, or a StackSet of ours in any account',
      refuses: 'SCPs: only deployments write to the assets bucket, and change these StackSets',
      remains:
        'the management account; an organization without the SCPs; a bucket of the code that is in another account',
    },
    H9: {
      what: 'silences it, or takes its host: alarms, subscriptions, schedules, rules, logs, the API, or leaves the organization',
      refuses: 'SCPs: only deployments change them; nobody leaves',
      remains:
        'the management account; an organization without the SCPs; an SCP that does not name the API; DNS and the certificate of a host of your own: presses can be withheld, not forged, and anyone who serves another page on the host asks passkeys for another signature',
    },
  },
} as const satisfies ThreatSection
