/** Temporary credentials of a role. The SDK's own provider for this brings a second client of STS. */
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts'
import { RolemedicError } from '../../../domain/base/errors.ts'
import { LONG_TIMEOUTS } from '../client-timeouts.ts'

export type RoleCredentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: Date
}

/** A client keeps what this gives until it expires, and then asks again. */
export function assumedRole(
  role: AssumeRoleCommandInput & { readonly RoleArn: string },
  region: string,
): () => Promise<RoleCredentials> {
  const sts = new STSClient({ region, ...LONG_TIMEOUTS })
  return async () => {
    const { Credentials } = await sts.send(new AssumeRoleCommand(role))
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {}
    if (
      AccessKeyId === undefined ||
      SecretAccessKey === undefined ||
      SessionToken === undefined ||
      Expiration === undefined
    )
      throw new RolemedicError('assume-role', `STS gave no credentials of ${role.RoleArn}`)
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    }
  }
}
