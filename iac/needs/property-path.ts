/**
 * Paths to roles in the properties of a resource, as data: `Targets[].RoleArn`, `Roles{}`,
 * `OptionSettings[OptionName=ServiceRole].Value`, `body@json.paths{}{}.credentials`, `(Type=EC2).PrincipalArn`.
 */
export type PathStep =
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'each-item' }
  | { readonly kind: 'each-value' }
  | { readonly kind: 'item-where'; readonly equals: readonly (readonly [key: string, value: string])[] }
  /** Continues only if the map has these values. */
  | { readonly kind: 'where'; readonly equals: readonly (readonly [key: string, value: string])[] }
  /** Parses the string as JSON. */
  | { readonly kind: 'json' }

const STEP = /([^.[\]{}@()]+)|(\[\])|(\{\})|\[([^\]]+)\]|\(([^)]+)\)|(@json)/g

export function parsePropertyPath(text: string): readonly PathStep[] {
  return [...text.matchAll(STEP)].map(([, name, items, values, filter, where, json]): PathStep => {
    if (name !== undefined) return { kind: 'key', name }
    if (items !== undefined) return { kind: 'each-item' }
    if (values !== undefined) return { kind: 'each-value' }
    if (json !== undefined) return { kind: 'json' }
    const equals = (filter ?? where ?? '').split(',').map(pair => {
      const [key = '', value = ''] = pair.split('=')
      return [key, value] as const
    })
    return { kind: where === undefined ? 'item-where' : 'where', equals }
  })
}

/** The `awscc` and `aws` providers spell CloudFormation's properties in snake case. */
export function inSnakeCase(path: string): string {
  return path
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}
