import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { writtenAtMs } from '../../cli/io.ts'
import type { DiagnosisOutput } from '../../cli/outputs/diagnosis.ts'
import { at, HOME, later, NO_ORGANIZATION, passDenied, TARGET, wrote } from '../core/timeline/records.ts'
import { memoryIo } from './memory-io.ts'

const folder = mkdtempSync(join(tmpdir(), 'snapshot-age-'))
afterAll(() => rmSync(folder, { recursive: true }))

const one = (Statement: Record<string, unknown>) => ({ Version: '2012-10-17', Statement: [Statement] })
const TRUST = one({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } })
const POLICY = `arn:aws:iam::${HOME}:policy/deploy`

const account = (versionDate: string, roleDate: string) => ({
  ...{ UserDetailList: [], GroupDetailList: [] },
  RoleDetailList: [
    {
      ...{ Arn: `arn:aws:iam::${HOME}:role/ci/deploy`, RoleName: 'deploy', RoleId: 'AROAEXAMPLEDEPLOY123' },
      ...{ AssumeRolePolicyDocument: TRUST, RolePolicyList: [], CreateDate: roleDate },
      AttachedManagedPolicies: [{ PolicyArn: POLICY, PolicyName: 'deploy' }],
    },
    {
      ...{ Arn: TARGET, RoleName: 'target', RoleId: 'AROAEXAMPLETARGET123', CreateDate: at(-9_000) },
      ...{ AssumeRolePolicyDocument: TRUST, RolePolicyList: [], AttachedManagedPolicies: [] },
    },
  ],
  Policies: [
    {
      ...{ Arn: POLICY, PolicyName: 'deploy', DefaultVersionId: 'v2', UpdateDate: versionDate },
      PolicyVersionList: [
        {
          ...{ VersionId: 'v2', IsDefaultVersion: true, CreateDate: versionDate },
          Document: one({ Sid: 'No', Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }),
        },
      ],
    },
  ],
})

let denial = passDenied(0)

async function run(details: unknown, writtenAt: string | null, ...more: readonly string[]) {
  const [event, file] = [join(folder, 'event.json'), join(folder, 'account.json')]
  writeFileSync(event, JSON.stringify(denial))
  writeFileSync(file, JSON.stringify(details))
  if (writtenAt !== null) utimesSync(file, new Date(writtenAt), new Date(writtenAt))
  const io = memoryIo({ nowMs: Date.parse(at(90_000)) })
  const org = join(folder, 'org.json')
  writeFileSync(org, NO_ORGANIZATION)
  const args = ['diagnose', event, '--account', file, '--org', org, ...more, '--json']
  const code = await dispatch(args, { ...io, writtenAtMs })
  expect(code).toBe(0)
  return { ...(JSON.parse(io.captured.out) as DiagnosisOutput), notes: io.captured.err }
}

describe('the date of the account files', () => {
  it('is said where it is younger than the denial or an hour older, and --at takes its place', async () => {
    const details = account(at(-9_000), at(-9_000))
    expect((await run(details, at(2 * 86_400))).notes).toEqual([
      'rolemedic: the account files are of 2026-11-26 03:00:00 UTC, 2 days after the denial: policies may have changed between (--trail shows it, --at says when they were read)',
    ])
    expect((await run(details, at(-3 * 3_600))).notes[0]).toContain('3 hours before the denial')
    expect((await run(details, at(600))).notes[0]).toContain('2026-11-24 03:10:00 UTC, 10 minutes after the denial')
    expect((await run(details, at(-600))).notes).toEqual([])
    expect((await run(details, at(2 * 86_400), '--at', at(59))).notes).toEqual([])
  })

  it('decides which writes of a trail it shows', async () => {
    const document = one({ Effect: 'Allow', Action: 'iam:PassRole', Resource: TARGET })
    const made = wrote(-600, 'CreatePolicyVersion', {
      ...{ policyArn: POLICY, policyDocument: JSON.stringify(document), setAsDefault: true },
    })
    const deny = {
      policyArn: POLICY,
      policyDocument: JSON.stringify(account('', '').Policies[0]?.PolicyVersionList[0]?.Document),
    }
    const taken = wrote(-60, 'CreatePolicyVersion', { ...deny, setAsDefault: true })
    const trail = join(folder, 'trail.json')
    writeFileSync(trail, JSON.stringify([made, taken, passDenied(0), later()]))
    const after = await run(account(at(-60), at(-9_000)), at(60), '--trail', trail)
    expect(after.timeline?.change).toMatchObject({ outcome: 'found', eventId: taken['eventID'] })
    // Read before both writes: it need not show them.
    const before = await run(account(at(-5_000), at(-9_000)), at(-1_000), '--trail', trail)
    expect(before.timeline?.change).toMatchObject({ outcome: 'found', eventId: taken['eventID'] })
    // Read between them: it shows another document than the first one wrote.
    const between = await run(account(at(-5_000), at(-9_000)), at(-300), '--trail', trail)
    expect(between.timeline?.change).toMatchObject({ outcome: 'not-proved' })
  })

  it('proves nothing where no record of a trail is of the time of the reading', async () => {
    const document = one({ Effect: 'Allow', Action: 'iam:PassRole', Resource: TARGET })
    const version = (second: number, written: object) =>
      wrote(second, 'CreatePolicyVersion', {
        ...{ policyArn: POLICY, policyDocument: JSON.stringify(written), setAsDefault: true },
      })
    const deny = account('', '').Policies[0]?.PolicyVersionList[0]?.Document ?? {}
    const trail = join(folder, 'outside.json')
    writeFileSync(trail, JSON.stringify([version(-600, document), version(-60, deny), passDenied(0)]))
    const readAt = async (second: number) =>
      (await run(account(at(-5_000), at(-9_000)), null, '--at', at(second), '--trail', trail)).timeline?.change
    const outside = {
      outcome: 'not-proved',
      why: expect.stringContaining('the trail holds 2026-11-24 02:50:00 UTC to'),
    }
    expect(await readAt(-600 - 901)).toMatchObject(outside)
    expect(await readAt(901)).toMatchObject(outside)
    expect(await readAt(-600 - 900)).toMatchObject({ outcome: 'found' })
    expect(await readAt(900)).toMatchObject({ outcome: 'found' })

    // A checkout or a copy is younger than what was read: that alone takes no proof away.
    const dated = async (second: number) => run(account(at(-5_000), at(-9_000)), at(second), '--trail', trail)
    const younger = await dated(80_000)
    expect(younger.timeline?.change).toMatchObject({ outcome: 'found' })
    expect(younger.notes[0]).toContain('22 hours after the denial: policies may have changed between')
    expect((await dated(-600 - 901)).timeline?.change).toMatchObject(outside)
  })
})

describe('a write between the reading and the denial', () => {
  const allowed = one({ Effect: 'Allow', Action: 'iam:PassRole', Resource: TARGET })
  const denied = one({ Sid: 'No', Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' })
  const version = (second: number, document: object) =>
    wrote(second, 'CreatePolicyVersion', {
      ...{ policyArn: POLICY, policyDocument: JSON.stringify(document), setAsDefault: true },
    })
  async function found(document: object, readAt: number, ...writes: readonly Record<string, unknown>[]) {
    const details = account(at(-9_000), at(-9_000))
    for (const { PolicyVersionList } of details.Policies)
      for (const one of PolicyVersionList) Object.assign(one, { Document: document })
    const trail = join(folder, 'between.json')
    writeFileSync(trail, JSON.stringify([wrote(-7_200, 'CreateAccessKey', {}), ...writes, denial, later()]))
    return run(details, null, '--at', at(readAt), '--trail', trail)
  }

  it('leaves no gap and no patch proved by what was read before', async () => {
    const none = one({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' })
    for (const [read, write] of [
      [none, allowed],
      [denied, allowed],
      [allowed, denied],
    ] as const) {
      const { diagnosis, patches } = await found(read, -3_600, version(-1_000, write))
      expect(diagnosis).toMatchObject({ cause: 'unknown', verdict: 'not-enough-evidence' })
      expect(diagnosis.summary).toContain('a write since changed their answer: CreatePolicyVersion by')
      expect(patches).toEqual([])
    }
    expect((await found(none, -3_600, version(-30, allowed))).diagnosis).toMatchObject({
      ...{ cause: 'transient', verdict: 'likely' },
    })
    // It is as it was.
    expect((await found(none, -3_600, version(-1_000, allowed), version(-900, none))).diagnosis).toMatchObject({
      ...{ cause: 'identity-gap', verdict: 'proved' },
    })
  })

  it.each([
    ['because no session policy allows the iam:PassRole action', 'session-policy-gap'],
    ['with an explicit deny in a session policy', 'explicit-deny'],
    ['with an explicit deny in a VPC endpoint policy', 'explicit-deny'],
  ])('changes nothing of what AWS says of policies that are in no account file: %s', async (why, cause) => {
    const before = denial
    denial = { ...denial, errorMessage: `${denial['errorMessage']} ${why}` }
    const none = one({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' })
    const { diagnosis } = await found(none, -3_600, version(-1_000, allowed))
    const after = await found(none, 60, version(-1_000, allowed), version(30, none))
    denial = before
    expect(diagnosis).toMatchObject({ cause, verdict: 'not-ours' })
    expect(after.diagnosis).toMatchObject({ cause, verdict: 'not-ours' })
  })

  it('makes a gap that came after the denial likely at most', async () => {
    const { diagnosis } = await found(denied, 60, version(-1_000, allowed), version(30, denied))
    expect(diagnosis).toMatchObject({ cause: 'explicit-deny', verdict: 'likely' })
    expect(diagnosis.summary).toContain('When it was denied, the policies allowed it: CreatePolicyVersion by')
    // A grant after the denial is what a reading after it shows.
    expect((await found(allowed, 60, version(-1_000, denied), version(30, allowed))).diagnosis).toMatchObject({
      ...{ cause: 'already-allowed', verdict: 'proved' },
    })
  })
})

describe('evidence that is younger than the denial', () => {
  it('says when its version or its role was made', async () => {
    const finding = async (version: string, role: string) =>
      (await run(account(version, role), null)).diagnosis.evidence.find(({ policyType }) => policyType === 'identity')
        ?.finding
    expect(await finding(at(30), at(-9_000))).toMatch(
      /; this version is younger than the denial \(2026-11-24 03:00:30 UTC\)$/,
    )
    expect(await finding(at(-30), at(40))).toMatch(/; made after the denial \(2026-11-24 03:00:40 UTC\)$/)
    expect(await finding(at(-30), at(-30))).not.toContain('denial')
  })
})
