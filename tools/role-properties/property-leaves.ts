import type { Property, PropertyType, Resource, SpecDatabase } from '@aws-cdk/service-spec-types'

export type PropertyLeaf = { readonly type: string; readonly path: string; readonly refersTo: readonly string[] }

/** Every string property of a resource type, with its path. */
export function* propertyLeaves(spec: SpecDatabase): Generator<PropertyLeaf> {
  for (const resource of spec.all('resource')) {
    for (const [name, property] of Object.entries(resource.properties)) {
      yield* leavesOf(spec, resource, property.type, property, name, [])
    }
  }
}

function* leavesOf(
  spec: SpecDatabase,
  resource: Resource,
  type: PropertyType,
  property: Property,
  path: string,
  above: readonly string[],
): Generator<PropertyLeaf> {
  switch (type.type) {
    case 'string':
    case 'json':
      yield {
        type: resource.cloudFormationType,
        path,
        refersTo: property.relationshipRefs?.map(reference => reference.cloudFormationType) ?? [],
      }
      return
    case 'array':
      yield* leavesOf(spec, resource, type.element, property, `${path}[]`, above)
      return
    case 'map':
      yield* leavesOf(spec, resource, type.element, property, `${path}{}`, above)
      return
    case 'union':
      for (const member of type.types) yield* leavesOf(spec, resource, member, property, path, above)
      return
    case 'ref': {
      const id = type.reference.$ref
      if (above.includes(id)) return
      const definition = spec.get('typeDefinition', id)
      for (const [name, member] of Object.entries(definition.properties)) {
        yield* leavesOf(spec, resource, member.type, member, `${path}.${name}`, [...above, id])
      }
      return
    }
    default:
      return
  }
}
