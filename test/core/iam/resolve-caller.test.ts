import { describe, expect, it } from 'vitest'
import { authorizationOf } from '../../../core/actions/actions.ts'
import { present } from '../../../core/iam/conditions/context.ts'
import { resolveCaller } from '../../../core/iam/evaluation/caller.ts'
import { callerRole, ROOT, request, snapshot, TARGET } from '../../fixtures/evaluation.ts'

const callerNamed = (principalArn: string, context = {}) =>
  resolveCaller(
    authorizationOf('sts:AssumeRole', TARGET),
    request({ principalArn, roleArn: null }, context),
    snapshot(callerRole(), ROOT),
  )

describe('the caller of a request', () => {
  it.each([
    ['arn:aws:iam::111122223333:user/ann', 'user', 'ann'],
    ['arn:aws:sts::111122223333:assumed-role/deploy/build-7', 'role', 'deploy'],
    ['arn:aws:iam::111122223333:role/ci/deploy', 'role', 'deploy'],
    ['arn:aws:iam::111122223333:root', 'root', null],
    ['arn:aws:sts::111122223333:federated-user/ann', 'federated-user', null],
    ['arn:aws:iam::111122223333:saml-provider/idp', 'federated', null],
    ['arn:aws:iam::111122223333:oidc-provider/gitlab.com', 'federated', null],
    ['accounts.google.com', 'federated', null],
    ['ecs.amazonaws.com', 'service', null],
    // None of these is an ARN of a caller.
    ['arn:aws:iam::111122223333:federated-user/ann', 'unknown', null],
    ['arn:aws:sts::111122223333:root', 'unknown', null],
    ['arn:aws:iam::111122223333:group/ops', 'unknown', null],
    ['gitlab.com', 'unknown', null],
    ['', 'unknown', null],
  ])('%j is of the kind %s, named %s', (text, kind, name) => {
    expect(callerNamed(text)).toMatchObject({ kind, name })
  })

  it('has its account and partition, unless it has none', () => {
    expect(callerNamed('arn:aws-cn:iam::111122223333:user/ann')).toMatchObject({
      partition: 'aws-cn',
      accountId: '111122223333',
    })
    expect(callerNamed('arn:aws:iam::111122223333:saml-provider/idp')).toMatchObject({
      partition: null,
      accountId: null,
    })
    expect(callerNamed('arn:aws:iam:::user/ann')).toMatchObject({ accountId: null })
  })

  it('has the unique id of the request, without the session name', () => {
    const id = { 'aws:userid': present('AROAEXAMPLEDEPLOY123:build-7') }
    expect(callerNamed('arn:aws:sts::111122223333:assumed-role/deploy/build-7', id).uniqueId).toBe(
      'AROAEXAMPLEDEPLOY123',
    )
  })
})
