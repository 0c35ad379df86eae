/**
 * True for a role name that a tool completed with a random suffix, so that the next deploy makes another:
 * `orders-WorkerRole-1A2B3C4D5E6F` of stack `orders`, `terraform-20261124024731000000000001`.
 */
export function isGeneratedName(role: string, stack: string | null): boolean {
  const name = role.slice(role.lastIndexOf('/') + 1)
  const ofStack = stack !== null && name.startsWith(`${stack.slice(0, 24)}-`)
  const [suffix = '', logicalId = '', ...before] = name.split('-').toReversed()
  const hasSuffix =
    before.length > 0 &&
    /^[A-Za-z0-9]{1,64}$/.test(logicalId) &&
    (/^[A-Z0-9]{10,14}$/.test(suffix) || (/^[A-Za-z0-9]{12}$/.test(suffix) && /\d/.test(suffix)))
  return (ofStack && hasSuffix) || /\d{26}$/.test(name) || (stack === null && /-[A-Z0-9]{12,14}$/.test(name))
}
