/** What somebody who may send to the queue of `publish` can do. */
import { describe, expect } from 'vitest'
import type { Statement } from '../../core/iam/policy/policy-document.ts'
import { changeDigest, patchDigest } from '../../core/patch/patch.ts'
import { SLACK_SITE } from '../../functions/adapters/slack/site.ts'
import type { PullOrder } from '../../functions/domain/proposal/pull-request.ts'
import { makePublish } from '../../functions/publish/publish.ts'
import { BRIDGE_CONFIG, CODE } from '../fakes/bridge-world.ts'
import { addLine, memoryCodeHost } from '../fakes/memory-code-host.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, decisionAbout, KEYS, signedBy } from '../fakes/signing.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { QUIET } from '../fakes/verify-world.ts'
import { attack } from './attack.ts'

const EVERYTHING: Statement = { Sid: 'Rolemedic0a1b2c3d', Effect: 'Allow', Action: '*', Resource: '*' }
const after = { Version: '2012-10-17', Statement: [EVERYTHING] }
const ALL = { ...IDENTITY_CHANGE, after, digest: changeDigest({ ...IDENTITY_CHANGE, after }) }
const [ANA, BEN] = [
  { id: 'U0ONCALL1', name: 'Ana' },
  { id: 'U0ONCALL2', name: 'Ben' },
]

/** What they really signed: the small change of p-1. */
const SIGNED = [ANA, BEN].map(by => {
  const decision = decisionAbout(sampleProposal({ id: 'p-1' }), { kind: 'approve', by, atMs: NOON })
  return signedBy({ ...decision, patchDigest: patchDigest([IDENTITY_CHANGE]) } as typeof decision)
})
const order = (facts: Partial<PullOrder>): PullOrder => ({
  ...{ proposalId: 'p-1', wanted: 'open', place: CODE, changes: [ALL], decisions: SIGNED, remark: null },
  facts: {
    ...{ action: 'iam:PassRole', principal: 'deployer', resource: 'app-task', deniedAtMs: null, cause: 'why' },
    ...{ verdict: 'proved', risk: 'low', blastRadius: null, checks: [], bridgeEndsAtMs: null, cardUrl: null },
  },
  ...facts,
})

async function pullsFor(forged: PullOrder) {
  const code = memoryCodeHost()
  const store = memoryStore({ clock: () => NOON })
  const place = { config: BRIDGE_CONFIG, keys: KEYS, deploymentId: DEPLOYMENT, site: SLACK_SITE }
  const publish = makePublish({
    ...{ ...place, store, hosts: () => code.host, edit: addLine, clock: () => NOON, observer: QUIET },
  })
  await publish(forged)
  return code.pulls
}

describe('a sender of orders', () => {
  attack('Q7', 'orders a pull request for Allow * on *, in the name of approvers', async () => {
    const renamed = SIGNED.map(({ decision, signature }) => ({
      decision: { ...decision, patchDigest: patchDigest([ALL]) } as typeof decision,
      signature,
    }))
    for (const decisions of [SIGNED, renamed, []]) expect(await pullsFor(order({ decisions }))).toEqual([])
    // The change that they signed becomes one.
    expect(await pullsFor(order({ changes: [IDENTITY_CHANGE] }))).toHaveLength(1)
  })
})
