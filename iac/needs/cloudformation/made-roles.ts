import {
  alternativesOf,
  childOf,
  entryOf,
  type IntrinsicsScope,
  iamPathsOf,
  isPresent,
  itemsOf,
  knownText,
  mayBeUnset,
  plainValue,
  type RoleText,
  resourceNames,
  type SourceNode,
  type TemplateResource,
  textsOf,
} from '../../source/index.ts'
import type { MadeDocument, MadeProfile, MadeRole } from '../need.ts'

/** The roles that a template makes, including the policies that its other resources attach to them. */
export function madeRoles(scope: IntrinsicsScope): readonly MadeRole[] {
  const attached = attachedPolicies(scope)
  return present(scope, 'AWS::IAM::Role').map(resource =>
    roleOf(scope, resource, attached.get(resource.logicalId) ?? []),
  )
}

export function madeProfiles(scope: IntrinsicsScope): readonly MadeProfile[] {
  return present(scope, 'AWS::IAM::InstanceProfile').map(resource => ({
    accountId: scope.environment.accountId,
    scope: scope.id,
    logicalId: resource.logicalId,
    name: onlyKnown(resourceNames(scope, resource, 'InstanceProfileName')),
    roles: itemsOf(scope, childOf(resource.properties, 'Roles')).flatMap(item => textsOf(scope, item)),
  }))
}

function roleOf(scope: IntrinsicsScope, resource: TemplateResource, attached: readonly NamedDocument[]): MadeRole {
  const { logicalId, properties } = resource
  const managed = itemsOf(scope, childOf(properties, 'ManagedPolicyArns')).flatMap(item => textsOf(scope, item))
  const boundaries = textsOf(scope, childOf(properties, 'PermissionsBoundary'))
  const inline = itemsOf(scope, childOf(properties, 'Policies')).map(item => namedDocument(scope, item))
  const inlinePolicies = [...inline, ...attached]
  const isWritten = isWrittenOut(properties)
  const trust = documentOf(scope, childOf(properties, 'AssumeRolePolicyDocument'))
  return {
    accountId: scope.environment.accountId,
    scope: scope.id,
    logicalId,
    name: onlyKnown(resourceNames(scope, resource, 'RoleName')),
    path: onlyKnown(iamPathsOf(scope, resource)),
    trust: { ...trust, complete: trust.complete && isWritten },
    ...(isPresent(scope, resource) === null ? { isConditional: true } : {}),
    trustLine: entryOf(properties, 'AssumeRolePolicyDocument')?.line ?? null,
    inlinePolicies,
    managedPolicyArns: managed.flatMap(text => knownText(text) ?? []),
    permissionsBoundary: onlyKnown(boundaries),
    complete:
      isWritten &&
      ['ManagedPolicyArns', 'PermissionsBoundary'].every(key => plainValue(scope, childOf(properties, key)).complete) &&
      inlinePolicies.every(policy => policy.complete),
    file: scope.template.file,
    line: resource.line,
  }
}

/** A macro beside properties may write further ones, or others in their place. */
const isWrittenOut = (properties: SourceNode | undefined): boolean => childOf(properties, 'Fn::Transform') === undefined

type NamedDocument = MadeDocument & { readonly name: string }

function namedDocument(scope: IntrinsicsScope, node: SourceNode): NamedDocument {
  const name = onlyKnown(textsOf(scope, childOf(node, 'PolicyName'))) ?? 'inline'
  return { ...documentOf(scope, childOf(node, 'PolicyDocument')), name }
}

function documentOf(scope: IntrinsicsScope, node: SourceNode | undefined): MadeDocument {
  const { value, complete } = plainValue(scope, node)
  return { document: value, complete: complete && node !== undefined }
}

/** Policies that separate resources attach, as the CDK writes them. */
function attachedPolicies(scope: IntrinsicsScope): ReadonlyMap<string, readonly NamedDocument[]> {
  const found = new Map<string, NamedDocument[]>()
  const named = new Map(
    present(scope, 'AWS::IAM::Role').flatMap(role => {
      const name = onlyKnown(resourceNames(scope, role, 'RoleName'))
      return name === null ? [] : [[name, role.logicalId] as const]
    }),
  )
  for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy']) {
    for (const resource of present(scope, type)) {
      const names = childOf(resource.properties, type === 'AWS::IAM::RolePolicy' ? 'RoleName' : 'Roles')
      const isCertain =
        isPresent(scope, resource) === true && isOneChoice(scope, names) && isWrittenOut(resource.properties)
      for (const item of itemsOf(scope, names)) {
        for (const text of textsOf(scope, item)) {
          const role = text.resource?.scope === scope.id ? text.resource.logicalId : named.get(knownText(text) ?? '')
          if (role === undefined) continue
          const documents = found.get(role) ?? []
          const document = namedDocument(scope, resource.properties ?? item)
          documents.push({ ...document, complete: document.complete && isCertain })
          found.set(role, documents)
        }
      }
    }
  }
  return found
}

function present(scope: IntrinsicsScope, type: string): readonly TemplateResource[] {
  return [...scope.template.resources.values()].filter(
    resource => resource.type === type && isPresent(scope, resource) !== false,
  )
}

/** True when no unknown condition decides which roles are in the list. */
function isOneChoice(scope: IntrinsicsScope, names: SourceNode | undefined): boolean {
  const isFixed = (node: SourceNode) => alternativesOf(scope, node).length === 1 && !mayBeUnset(scope, node)
  return names !== undefined && isFixed(names) && itemsOf(scope, names).every(isFixed)
}

function onlyKnown(texts: readonly RoleText[]): string | null {
  const [text] = texts
  return texts.length === 1 && text !== undefined ? knownText(text) : null
}
