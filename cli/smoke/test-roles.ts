/** Two roles without permissions, created for the smoke test and deleted after it. */

import { randomBytes } from 'node:crypto'
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  type IAMClient,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts'
import { RolemedicError } from '../../core/base/index.ts'
import type { TestRoles } from './steps.ts'

export type CreatedRoles = TestRoles & { remove(): Promise<void> }

/** `config`: the credentials and Region of the user who runs the test. */
export async function createTestRoles(
  iam: IAMClient,
  config: STSClientConfig,
  sleep: (ms: number) => Promise<void>,
): Promise<CreatedRoles> {
  const sts = new STSClient(config)
  const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}))
  const partition = Arn.split(':')[1] ?? 'aws'
  // Not rolemedic-…, because the bot refuses to change roles with that prefix.
  const id = randomBytes(4).toString('hex')
  const names = { caller: `smoke-${id}-caller`, target: `smoke-${id}-target` }
  const arnOf = (name: string) => `arn:${partition}:iam::${Account}:role/${name}`
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${Account}:root` }, Action: 'sts:AssumeRole' },
    ],
  })
  const created: string[] = []
  /** Deletes both, even if one deletion fails. */
  const remove = async () => {
    const left: string[] = []
    for (const name of created)
      await removeRole(iam, name).catch((error: Error) => left.push(`${name} (${error.message})`))
    if (left.length > 0) throw new RolemedicError('smoke', `delete the remaining roles yourself: ${left.join('; ')}`)
  }
  try {
    for (const RoleName of Object.values(names)) {
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust, MaxSessionDuration: 3600 }))
      created.push(RoleName)
    }
  } catch (cause) {
    await remove()
    throw new RolemedicError('smoke', `cannot create the test roles: ${(cause as Error).message}`, { cause })
  }

  async function asCaller(): Promise<STSClient | null> {
    try {
      const { Credentials: given } = await sts.send(
        new AssumeRoleCommand({ RoleArn: arnOf(names.caller), RoleSessionName: 'smoke' }),
      )
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = given ?? {}
      const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
      return new STSClient({ ...(config.region === undefined ? {} : { region: config.region }), credentials })
    } catch (error) {
      // A new role is not visible everywhere at once.
      if (error instanceof Error && error.name === 'AccessDenied') return null
      throw error
    }
  }

  return {
    callerArn: arnOf(names.caller),
    async tryAssume() {
      let caller = await asCaller()
      for (let tries = 0; caller === null && tries < 30; tries += 1) {
        await sleep(2_000)
        caller = await asCaller()
      }
      if (caller === null) throw new RolemedicError('smoke', `your credentials cannot assume ${arnOf(names.caller)}`)
      try {
        await caller.send(new AssumeRoleCommand({ RoleArn: arnOf(names.target), RoleSessionName: 'smoke' }))
        return 'allowed'
      } catch (error) {
        if (error instanceof Error && error.name === 'AccessDenied') return 'denied'
        throw error
      }
    },
    remove,
  }
}

async function removeRole(iam: IAMClient, RoleName: string): Promise<void> {
  try {
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }))
    for (const PolicyName of PolicyNames) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }))
    await iam.send(new DeleteRoleCommand({ RoleName }))
  } catch (error) {
    if (!(error instanceof Error && /^NoSuchEntity/.test(error.name))) throw error
  }
}
