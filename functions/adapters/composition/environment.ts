import { RolemedicError } from '../../domain/base/errors.ts'

/** Reads required environment variables; a missing one stops the cold start with every missing name in one line. */
export function environment<const Name extends string>(
  env: NodeJS.ProcessEnv,
  names: readonly Name[],
): { readonly [name in Name]: string } {
  const missing = names.filter(name => !env[name])
  if (missing.length > 0)
    throw new RolemedicError('environment', `missing environment variables: ${missing.join(', ')}`)
  return Object.fromEntries(names.map(name => [name, env[name]])) as { [name in Name]: string }
}
