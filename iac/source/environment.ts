import { partitionOfRegion } from '../../core/iam/index.ts'
/** Values of pseudo parameters. Null: only the deploy knows. */
export type DeployEnvironment = {
  readonly partition: string
  readonly accountId: string | null
  readonly region: string | null
  readonly stackName: string | null
}

/** Parses `aws://111122223333/eu-west-1`, as a cloud assembly writes it. Missing parts come from `otherwise`. */
export function assemblyEnvironment(text: string | null, otherwise: DeployEnvironment): DeployEnvironment {
  const [, account = '', region = ''] = /^aws:\/\/([^/]*)\/([^/]*)$/.exec(text ?? '') ?? []
  const known = /^[a-z]{2,4}(?:-[a-z]+)+-\d$/.test(region) ? region : null
  return {
    partition: known === null ? otherwise.partition : partitionOfRegion(known),
    accountId: /^\d{12}$/.test(account) ? account : otherwise.accountId,
    region: known ?? otherwise.region,
    stackName: otherwise.stackName,
  }
}
