import { describe, expect, it } from 'vitest'
import { NO_ORG_FILE, readOrgFile } from '../../../core/snapshots/org-file.ts'

const DENY_PASS = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }] }
const full = { name: 'FullAWSAccess', document: {} }
const fileOf = (path: unknown) =>
  readOrgFile(
    'org.json',
    JSON.stringify({
      organizationId: 'o-abc123',
      managementAccountId: '999999999999',
      accounts: { '111122223333': { path } },
    }),
  )

describe('an organization file', () => {
  it('returns the policies of each level, root first', () => {
    const org = fileOf([
      { id: 'r-root', serviceControlPolicies: [full], resourceControlPolicies: [] },
      {
        id: 'ou-apps',
        serviceControlPolicies: [full, { name: 'no-pass', document: DENY_PASS }],
        resourceControlPolicies: [],
      },
    ])
    expect(org.organization).toEqual({ known: true, value: { id: 'o-abc123', managementAccountId: '999999999999' } })
    const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
    expect(org.serviceControlPolicies('111122223333')).toEqual({
      known: true,
      value: [
        {
          id: 'r-root',
          policies: [{ type: 'scp', name: 'FullAWSAccess', arn: null, attachedTo: 'r-root', document: everything }],
        },
        {
          id: 'ou-apps',
          policies: [
            { type: 'scp', name: 'FullAWSAccess', arn: null, attachedTo: 'ou-apps', document: everything },
            { type: 'scp', name: 'no-pass', arn: null, attachedTo: 'ou-apps', document: DENY_PASS },
          ],
        },
      ],
    })
  })

  it('treats a level without policies as unrestricted', () => {
    const org = fileOf([{ id: 'r-root', serviceControlPolicies: [], resourceControlPolicies: [] }])
    expect(org.resourceControlPolicies('111122223333')).toEqual({
      known: true,
      value: [{ id: 'r-root', policies: [] }],
    })
  })

  it('has no facts about an account that it does not list', () => {
    expect(fileOf([]).serviceControlPolicies('444455556666')).toEqual({
      known: false,
      why: 'org.json does not list account 444455556666',
    })
    expect(NO_ORG_FILE.serviceControlPolicies('111122223333').known).toBe(false)
  })

  it('has no facts about a path with a missing or unreadable level', () => {
    expect(fileOf([{ id: 'r-root', serviceControlPolicies: [full] }]).resourceControlPolicies('111122223333')).toEqual({
      known: false,
      why: 'org.json has no resourceControlPolicies for r-root',
    })
    const broken = fileOf([{ id: 'r-root', serviceControlPolicies: [{ name: 'odd', document: { Statement: 'x' } }] }])
    expect(broken.serviceControlPolicies('111122223333').known).toBe(false)
  })

  it.each(['{}', '{"RoleDetailList": [], "Policies": []}', '{"Records": []}', '{"accounts": null}'])(
    'is no other object, such as %s, and says what it would be',
    text => {
      expect(() => readOrgFile('org.json', text)).toThrow(
        /^org\.json: not an organization file.*"organizationId".*"accounts": \{"<account id>": \{"path": \[.*"serviceControlPolicies"/,
      )
    },
  )

  it('can contain only the organization', () => {
    expect(readOrgFile('org.json', '{"organizationId": "o-abc123"}').organization).toEqual({
      known: true,
      value: { id: 'o-abc123', managementAccountId: null },
    })
  })

  it('is refused in one line if its format is wrong', () => {
    expect(() => readOrgFile('org.json', '{"accounts": {"1111": {"path": []}}}')).toThrow(/^org\.json: accounts/)
    expect(() => readOrgFile('org.json', '{"accounts": {"111122223333": {"path": {}}}}')).toThrow(
      'org.json: accounts.111122223333.path: Invalid input: expected array, received object; an organization file is {',
    )
  })
})
