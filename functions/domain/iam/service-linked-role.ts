/** The path of a service-linked role is `/aws-service-role/<service>/`. */
export function serviceOfLinkedRole(arn: string | null): string | null {
  return /:role\/aws-service-role\/([a-z0-9.-]+\.amazonaws\.com(?:\.cn)?)\//.exec(arn ?? '')?.[1] ?? null
}
