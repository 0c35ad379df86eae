/** Values of pseudo parameters. Null if only the deploy knows. */
export type DeployEnvironment = {
  readonly partition: string
  readonly accountId: string | null
  readonly region: string | null
  readonly stackName: string | null
}

/** The partition that a Region belongs to. */
export function partitionOf(region: string | null): string {
  if (region === null) return 'aws'
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** `aws://111122223333/eu-west-1`, as a cloud assembly writes it. What it leaves open is taken from `otherwise`. */
export function assemblyEnvironment(text: string | null, otherwise: DeployEnvironment): DeployEnvironment {
  const [, account = '', region = ''] = /^aws:\/\/([^/]*)\/([^/]*)$/.exec(text ?? '') ?? []
  const known = /^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region) ? region : null
  return {
    partition: known === null ? otherwise.partition : partitionOf(known),
    accountId: /^\d{12}$/.test(account) ? account : otherwise.accountId,
    region: known ?? otherwise.region,
    stackName: otherwise.stackName,
  }
}
