/**
 * Who may assume the writer, sign with which key, put under which prefix and send to which queue: the deployed policies, judged by the
 * bot's own evaluator. Terraform deploys the released templates as they are.
 */
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../core/actions/actions.ts'
import { ABSENT, found, known } from '../../core/base/fact.ts'
import { ABSENT_KEY, type ContextFacts, present } from '../../core/iam/conditions/context.ts'
import { parsePolicy } from '../../core/iam/policy/parse-policy.ts'
import type { PolicyDocument } from '../../core/iam/policy/policy-document.ts'
import type { SourcedPolicy } from '../../core/iam/policy/sourced-policy.ts'
import { firstSeenKey } from '../../functions/domain/authority/people/first-seen.ts'
import { ledgerKey, outcomeKey } from '../../functions/domain/authority/spent.ts'
import { SESSION_TAGS } from '../../functions/domain/authority/writer-session.ts'
import { FUNCTIONS } from '../../infra/functions.ts'
import { LEDGER_WRITERS } from '../../infra/names.ts'
import { releasedTemplates, type TrustForm } from '../../infra/released/templates.ts'
import { deploy, ORGANIZATION, type Template } from './deployment.ts'
import { inAccount } from './resolved.ts'
import { deployedTogether, type Whole } from './whole.ts'

const HUB = ORGANIZATION.hubAccountId
const MEMBER = '444455556666'
const REGION = 'eu-west-1'
const EXTERNAL_ID = 'rolemedic-writer'
const ADMINISTRATOR = 'Administrator'
const ANYTHING = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const ANYBODY = [...FUNCTIONS.map(name => `rolemedic-${name}`), ADMINISTRATOR]

type Form = { readonly hub: Whole; readonly roles: Template; readonly member: string; readonly parameters: object }

const released = releasedTemplates('1.2.3')
function ofRelease(form: TrustForm, more: Readonly<Record<string, string>> = {}): Form {
  const template = (stack: string) =>
    released.find(one => one.form === form && one.stack === `rolemedic-${stack}`)?.template as Template
  const parameters = { HubAccountId: HUB, OrganizationId: ORGANIZATION.id, CodePrefix: 'r/', ...more }
  const given = { accountId: HUB, region: REGION, parameters }
  const member = form === 'organization' ? MEMBER : HUB
  return {
    hub: deployedTogether(template('state'), template('bot'), given),
    roles: template('roles'),
    member,
    parameters,
  }
}
function ofCdk(settings: { readonly [name: string]: unknown }): Form {
  const { templates } = deploy(settings)
  const hub = deployedTogether(templates['rolemedic-state'], templates['rolemedic-bot'], {
    accountId: HUB,
    region: REGION,
  })
  const roles = templates['rolemedic-roles']
  if (roles === undefined) throw new Error('there is no stack of the roles')
  return { hub, roles, member: settings['organization'] === undefined ? HUB : MEMBER, parameters: {} }
}

const AT = '2026-12-01T09:00:00Z'
const ROTATED = {
  DecisionsKeyRetiredAt: AT,
  AttestationsKeyRetiredAt: AT,
  OutcomesKeyRetiredAt: AT,
  EnrollmentsKeyRetiredAt: AT,
}
const FORMS: readonly (readonly [string, Form])[] = [
  ['the CDK, one account', ofCdk({})],
  ['the CDK, an organization', ofCdk({ organization: ORGANIZATION })],
  ['a release, one account', ofRelease('one-account')],
  ['a release, an organization', ofRelease('organization')],
]

const roleArn = (name: string) => `arn:aws:iam::${HUB}:role/${name}`

/** A deny of a resource holds for all whom it does not exempt, so it counts as one of the caller's own policies. */
function may({ hub }: Form, name: string, action: string, resource: string, context: ContextFacts = {}): boolean {
  const own = name === ADMINISTRATOR ? [ANYTHING] : hub.policiesOf(name)
  const policies = [...own, hub.denies].map(
    (document): SourcedPolicy => ({ type: 'identity', name, arn: null, attachedTo: name, document: parsed(document) }),
  )
  const role = { kind: 'role' as const, arn: roleArn(name), accountId: HUB, name, path: '/', uniqueId: null, tags: {} }
  const { layers } = evaluate(
    {
      action,
      resource,
      principalArn: `arn:aws:sts::${HUB}:assumed-role/${name}/somebody`,
      roleArn: roleArn(name),
      context: {
        'aws:principalarn': present(roleArn(name)),
        'aws:securetransport': present('true'),
        's3:if-none-match': present('*'),
        's3:tlsversion': present('1.3'),
        ...context,
      },
    },
    {
      caller: found({ ...role, policies, unseen: [], boundary: ABSENT }),
      targets: [],
      organization: known({ id: ORGANIZATION.id, managementAccountId: '999999999999' }),
      scps: known([]),
      rcps: known([]),
      session: known([]),
      vpce: known([]),
    },
  )
  const outcome = layers.find(({ type }) => type === 'identity')?.answer
  if (outcome === 'allows') return true
  if (outcome === 'implicit-deny' || outcome === 'explicit-deny') return false
  throw new Error(`${name}, ${action} on ${resource}: ${outcome}`)
}

function parsed(document: unknown): PolicyDocument {
  const policy = parsePolicy(JSON.parse(JSON.stringify(document)))
  if (!policy.ok) throw new Error(policy.error)
  return policy.value
}

const who = (form: Form, action: string, resource: string, context: ContextFacts = {}): string =>
  ANYBODY.filter(name => may(form, name, action, resource, context))
    .map(name => name.replace('rolemedic-', ''))
    .join(' ')

describe.each(FORMS)('%s', (_, form) => {
  const { hub } = form

  it('lets each queue be sent to by those alone who have work for it, also against an administrator where IAM is written', () => {
    const senders = hub
      .all('AWS::SQS::Queue')
      .map(({ arn, properties }) => [String(properties['QueueName']).replace('rolemedic-', ''), arn] as const)
      .filter(([name]) => !/dead/.test(name))
      .map(([name, arn]) => [name, who(form, 'sqs:SendMessage', arn)])
    expect(Object.fromEntries(senders)).toEqual({
      'verify.fifo': 'decide sweep',
      'write.fifo': 'verify',
      outcome: 'write',
      propose: 'intake propose verify sweep alert Administrator',
      look: 'intake alert Administrator',
      publish: 'sweep Administrator',
      // EventBridge delivers to these.
      intake: 'Administrator',
      alert: 'Administrator',
    })
  })

  it('lets one function sign with each key, nobody with that of earlier versions, and nobody give one away', () => {
    const keys = hub.all('AWS::KMS::Key').filter(({ properties }) => properties['KeyUsage'] === 'SIGN_VERIFY')
    const signers = keys.map(({ id, arn }) => [id.replace(/[0-9A-F]{8}$/, ''), who(form, 'kms:Sign', arn)])
    expect(Object.fromEntries(signers)).toEqual({
      DecisionsKey: 'decide',
      AttestationsKey: 'verify',
      OutcomesKey: 'write',
      EnrollmentsKey: 'enroll',
      AuditKey: '',
    })
    for (const { arn } of keys) {
      expect(who(form, 'kms:CreateGrant', arn)).toBe('')
      expect(who(form, 'kms:GetPublicKey', arn)).toBe('propose decide verify write sweep publish enroll Administrator')
    }
  })

  it('lets one function put under each prefix, once', () => {
    const [bucket] = hub.all('AWS::S3::Bucket')
    const put = (key: string, context: ContextFacts = {}) => who(form, 's3:PutObject', `${bucket?.arn}/${key}`, context)
    const keys = {
      'audit/000000000001.json': 'propose decide verify sweep Administrator',
      [ledgerKey('spent', 'd-1', 'p-1')]: 'write',
      [ledgerKey('written', 'd-1', 'p-1', '0')]: 'write',
      [ledgerKey('ended', 'd-1', 'p-1', 'a-1')]: 'write',
      [outcomeKey('d-1', 1)]: 'write',
      [ledgerKey('rejected', 'd-1', 'p-1')]: 'decide',
      [firstSeenKey('d-1', 'S0ONCALL', 'U0ANNA')]: 'decide',
      [firstSeenKey('d-1', 'S0ONCALL', null)]: 'decide',
      [ledgerKey('enrolled', 'd-1', 'U0ANNA', 'c-1', '2')]: 'enroll',
      [ledgerKey('revoked', 'd-1', 'c-1')]: 'enroll',
      'elsewhere/a': 'Administrator',
      spent: 'Administrator',
    }
    expect(Object.fromEntries(Object.keys(keys).map(key => [key, put(key)]))).toEqual(keys)
    // Every prefix that the code has keys for is one of the policy.
    const prefixes = Object.keys(keys).map(key => key.split('/')[0])
    for (const prefix of Object.keys(LEDGER_WRITERS)) expect(prefixes).toContain(prefix)
    for (const key of Object.keys(keys)) {
      expect(put(key, { 's3:if-none-match': ABSENT_KEY })).toBe('')
      for (const call of ['DeleteObject', 'DeleteObjectVersion', 'PutObjectRetention', 'BypassGovernanceRetention'])
        expect([call, who(form, `s3:${call}`, `${bucket?.arn}/${key}`)]).toEqual([call, ''])
      if (!/^(audit|elsewhere|spent$)/.test(key))
        expect(who(form, 's3:ReplicateObject', `${bucket?.arn}/${key}`)).toBe('')
    }
    expect(who(form, 's3:PutLifecycleConfiguration', String(bucket?.arn))).toBe('')
  })

  it('lets only those read and list what write keeps who act on it', () => {
    const [bucket] = hub.all('AWS::S3::Bucket')
    expect(who(form, 's3:GetObjectVersion', `${bucket?.arn}/members/d-1/S0ONCALL/first`)).toBe('decide Administrator')
    for (const prefix of Object.keys(LEDGER_WRITERS).filter(one => one !== 'members')) {
      expect(who(form, 's3:GetObjectVersion', `${bucket?.arn}/${prefix}/d-1/a`)).toBe(
        { enrolled: 'decide enroll Administrator', revoked: 'verify write enroll Administrator' }[prefix] ??
          'verify write Administrator',
      )
      const listed = { 's3:prefix': present(`${prefix}/d-1/`) }
      // The log itself is listed without a condition.
      expect(who(form, 's3:ListBucketVersions', String(bucket?.arn), listed)).toContain(
        prefix === 'enrolled' ? 'enroll' : 'verify write',
      )
    }
    const other = { 's3:prefix': present('audit/') }
    expect(who(form, 's3:ListBucketVersions', String(bucket?.arn), other)).not.toContain('write')
    expect(who(form, 's3:GetObjectVersion', `${bucket?.arn}/audit/000000000001.json`)).toBe(
      'propose decide verify sweep Administrator',
    )
  })

  it('lets write alone assume the writer role, and neither table, Slack, topic nor secret be reached from it', () => {
    const trust = trustOf(form, 'rolemedic-writer')
    const reader = trustOf(form, 'rolemedic-reader')
    const let_ = (policy: PolicyDocument) =>
      ANYBODY.filter(name => mayAssume(form, name, policy)).map(name => name.replace('rolemedic-', ''))
    expect(let_(trust)).toEqual(['write'])
    expect(let_(reader)).toEqual(['intake', 'propose', 'verify', 'alert'])
    const assumes = (role: string) =>
      who(form, 'sts:AssumeRole', `arn:aws:iam::${form.member}:role/${role}`, {
        'aws:resourceorgid': present(ORGANIZATION.id),
      })
    expect(assumes('rolemedic-writer')).toBe(`write ${ADMINISTRATOR}`)
    expect(assumes('rolemedic-reader')).toBe(`intake propose verify alert ${ADMINISTRATOR}`)
    const services = hub
      .policiesOf('rolemedic-write')
      .flatMap(({ Statement }) => Statement)
      .flatMap(({ Action = [] }) => [Action].flat().map(action => action.split(':')[0]))
    expect([...new Set(services)].sort()).toEqual(['kms', 'logs', 's3', 'sqs', 'sts', 'xray'])
  })
})

describe('a rotated key', () => {
  it.each([
    ['of the CDK', ofCdk({ keyRotations: { decisions: [AT], attestations: [AT], outcomes: [AT], enrollments: [AT] } })],
    ['of a release', ofRelease('organization', ROTATED)],
  ])('%s signs from then on, and the one before is read only', (_, form) => {
    const keys = form.hub.all('AWS::KMS::Key').filter(({ properties }) => properties['KeyUsage'] === 'SIGN_VERIFY')
    // Ids end with a digest of eight digits.
    const named = new Map(keys.map(({ id, arn }) => [id.slice(0, -8), arn]))
    const signers = [...named].map(([id, arn]) => [id, who(form, 'kms:Sign', arn)])
    expect(Object.fromEntries(signers)).toEqual({
      DecisionsKey: '',
      DecisionsKey2: 'decide',
      AttestationsKey: '',
      AttestationsKey2: 'verify',
      OutcomesKey: '',
      OutcomesKey2: 'write',
      EnrollmentsKey: '',
      EnrollmentsKey2: 'enroll',
      AuditKey: '',
    })
    for (const { arn } of keys)
      expect(who(form, 'kms:GetPublicKey', arn)).toBe('propose decide verify write sweep publish enroll Administrator')
    for (const name of ['decide', 'verify', 'write', 'sweep', 'propose'])
      expect(variablesOf(form, name)).toMatchObject({
        DECISIONS_KEY_ARN: `${named.get('DecisionsKey2')},${named.get('DecisionsKey')}@${AT}`,
        ATTESTATIONS_KEY_ARN: `${named.get('AttestationsKey2')},${named.get('AttestationsKey')}@${AT}`,
        OUTCOMES_KEY_ARN: `${named.get('OutcomesKey2')},${named.get('OutcomesKey')}@${AT}`,
        ENROLLMENTS_KEY_ARN: `${named.get('EnrollmentsKey2')},${named.get('EnrollmentsKey')}@${AT}`,
        AUDIT_KEY_ARN: named.get('AuditKey'),
      })
  })

  it('leaves the ids of the first ones as they are, so that a rotation replaces nothing', () => {
    const ids = (form: Form) => form.hub.all('AWS::KMS::Key').map(({ id }) => id)
    expect(ids(ofRelease('organization', ROTATED))).toEqual(expect.arrayContaining([...ids(ofRelease('organization'))]))
    const rotated = ofCdk({ keyRotations: { decisions: [AT] } })
    expect(ids(rotated)).toEqual(expect.arrayContaining([...ids(ofCdk({}))]))
  })

  it.each([
    [{ decisions: ['soon'] }, /keyRotations\.decisions\.0: a time looks like/],
    [
      { decisions: ['2026-12-02T00:00:00Z', '2026-12-01T00:00:00Z'] },
      /keyRotations\.decisions: the times of a key ascend/,
    ],
    [{ audit: [AT] }, /keyRotations/],
  ])('is refused where the setting says %j', (keyRotations, line) => {
    expect(() => deploy({ keyRotations })).toThrow(line)
  })
})

describe('the id of the deployment', () => {
  it.each(FORMS)(
    'is the same for %s in each function that signs or checks, and comes from the stack that stays',
    (_, form) => {
      // The UUID at the end of the id of the state stack.
      for (const name of ['decide', 'verify', 'write', 'publish'])
        expect([name, variablesOf(form, name)['DEPLOYMENT_ID']]).toEqual([name, '5f1b6c1e-0d2a-11ef-9c1f-0a58a9feac02'])
      for (const name of ['intake', 'propose', 'alert'])
        expect([name, variablesOf(form, name)['DEPLOYMENT_ID']]).toEqual([name, undefined])
    },
  )
})

describe('a signing key', () => {
  const at = [AT]
  const keyRotations = { decisions: at, attestations: at, outcomes: at, enrollments: at }
  const described = ({ hub }: Form) =>
    hub.all('AWS::KMS::Key').flatMap(({ properties: { Description = '' } }) => {
      const [, use = null, retiredAt = null] =
        /^rolemedic: (sign\w+ .*?)(?:; retired at (.*))?$/.exec(String(Description)) ?? []
      return use === null ? [] : [[use, retiredAt]]
    })
  const ONCE = [
    'signs attestations and audit records of verify',
    'signs decisions',
    'signs what write has written',
    'signs whose passkey is whose',
  ]
  const AUDIT = ['signed audit records before verify and write were two functions', null]

  it.each([
    ['the CDK', ofCdk({}), ofCdk({ keyRotations })],
    ['a release', ofRelease('one-account'), ofRelease('one-account', ROTATED)],
  ])('says of %s when it was retired, where `audit keys --live` reads it', (_, never, once) => {
    expect(described(never).sort()).toEqual([AUDIT, ...ONCE.map(use => [use, null])].sort())
    expect(described(once).sort()).toEqual(
      [
        AUDIT,
        ...ONCE.flatMap(use => [
          [use, AT],
          [use, null],
        ]),
      ].sort(),
    )
  })
})

function variablesOf({ hub }: Form, name: string): { readonly [name: string]: unknown } {
  const lambda = hub
    .all('AWS::Lambda::Function')
    .find(({ properties }) => properties['FunctionName'] === `rolemedic-${name}`)
  const environment = lambda?.properties['Environment'] as { readonly Variables?: object } | undefined
  return (environment?.Variables ?? {}) as { readonly [name: string]: unknown }
}

function trustOf({ roles, member, parameters }: Form, role: string): PolicyDocument {
  const text = JSON.stringify(inAccount(roles, member).trust(role))
  const given = { ...parameters, WriterExternalId: EXTERNAL_ID }
  const filled = Object.entries(given).reduce((all, [name, value]) => all.replaceAll(`<${name}>`, String(value)), text)
  return parsed(JSON.parse(filled))
}

function mayAssume({ member }: Form, name: string, trust: PolicyDocument): boolean {
  const arn = `arn:aws:iam::${member}:role/some`
  const role = { kind: 'role' as const, path: '/', uniqueId: null, tags: {}, unseen: [], boundary: ABSENT }
  const policies = [{ type: 'identity' as const, name, arn: null, attachedTo: name, document: parsed(ANYTHING) }]
  const snapshot = {
    caller: found({ ...role, arn: roleArn(name), accountId: HUB, name, policies }),
    targets: [
      {
        arn,
        near: known([]),
        role: found({ ...role, arn, accountId: member, name: 'some', policies: [], trust: known(trust) }),
      },
    ],
    organization: known({ id: ORGANIZATION.id, managementAccountId: '999999999999' }),
    scps: known([]),
    rcps: known([]),
    session: known([]),
    vpce: known([]),
  }
  const context: ContextFacts = {
    'aws:principalarn': present(roleArn(name)),
    'aws:principalorgid': present(ORGANIZATION.id),
    'sts:externalid': present(EXTERNAL_ID),
    'sts:sourceidentity': present('U0ONCALL1'),
    'aws:tagkeys': present(...SESSION_TAGS),
    ...Object.fromEntries(SESSION_TAGS.map(tag => [`aws:requesttag/${tag}`, present('p-1')])),
  }
  const principalArn = `arn:aws:sts::${HUB}:assumed-role/${name}/somebody`
  return (
    evaluate({ action: 'sts:AssumeRole', resource: arn, principalArn, roleArn: roleArn(name), context }, snapshot)
      .answer === 'allowed'
  )
}
