import {
  alternativesOf,
  childOf,
  type Entry,
  entryOf,
  holeText,
  type IntrinsicsScope,
  joinTexts,
  literalText,
  mayBeUnset,
  type RoleText,
  type SourceNode,
  scalarText,
  type TemplateResource,
  textsOf,
} from '../../source/index.ts'
import { propertyValuesAt } from './property-values.ts'

/** A role that a resource of the SAM transform passes: the template names it, or the transform adds it. */
export type SamRole = {
  readonly operation: string
  readonly service: string
  readonly property: string
  readonly line: number
  readonly text: RoleText
  /** The service that a role added by the transform trusts. Null: the template names the role. */
  readonly trusts: string | null
}

/**
 * The roles that the SAM transform derives from its own types.
 * https://github.com/aws/serverless-application-model/tree/develop/samtranslator/model
 */
export function samRoles(scope: IntrinsicsScope, resource: TemplateResource): readonly SamRole[] {
  switch (resource.type) {
    case 'AWS::Serverless::Function':
      return functionRoles(scope, resource)
    case 'AWS::Serverless::StateMachine':
      return stateMachineRoles(scope, resource)
    case 'AWS::Serverless::Api':
      return [...apiRoles(scope, resource, 'Api', 'apigateway:ImportRestApi')]
    case 'AWS::Serverless::HttpApi':
      return [...apiRoles(scope, resource, 'HttpApi', 'apigateway:ImportApi')]
    case 'AWS::Serverless::WebSocketApi':
      return invokeRole(
        scope,
        childOf(resource.properties, 'Auth'),
        'Auth.InvokeRole',
        'InvokeRole',
        'apigateway:CreateAuthorizer',
      )
    case 'AWS::Serverless::GraphQLApi':
      return graphQlRoles(scope, resource)
    case 'AWS::Serverless::CapacityProvider':
      return ownOrAdded(
        scope,
        resource,
        'OperatorRole',
        'OperatorRole',
        'lambda:CreateCapacityProvider',
        'lambda',
        'CapacityProvider',
      )
    default:
      return []
  }
}

function functionRoles(scope: IntrinsicsScope, resource: TemplateResource): readonly SamRole[] {
  const roles = [...ownOrAdded(scope, resource, 'Role', 'Role', 'lambda:CreateFunction', 'lambda', 'Function')]
  const preference = setting(scope, resource, 'DeploymentPreference', 'Function')
  if (preference !== undefined && isEnabled(scope, preference.value)) {
    roles.push(
      ...given(
        scope,
        preference.value,
        'Role',
        'DeploymentPreference.Role',
        preference.line,
        'codedeploy:CreateDeploymentGroup',
        'codedeploy',
        () => added(scope, 'CodeDeployServiceRole'),
      ),
    )
  }
  for (const event of eventsOf(scope, resource)) {
    if (event.type === 'ScheduleV2') roles.push(...scheduleRole(scope, resource, event))
    if (event.type === 'Api' || event.type === 'HttpApi') {
      const auth = childOf(event.properties, 'Auth')
      roles.push(
        ...invokeRole(
          scope,
          auth,
          `Events.${event.name}.Properties.Auth.InvokeRole`,
          'InvokeRole',
          'apigateway:ImportRestApi',
        ),
      )
    }
  }
  return roles
}

function stateMachineRoles(scope: IntrinsicsScope, resource: TemplateResource): readonly SamRole[] {
  const roles = [...ownOrAdded(scope, resource, 'Role', 'Role', 'states:CreateStateMachine', 'states', 'StateMachine')]
  for (const event of eventsOf(scope, resource)) {
    const property = `Events.${event.name}`
    const role = added(scope, `${resource.logicalId}${event.name}Role`)
    switch (event.type) {
      case 'ScheduleV2':
        roles.push(...scheduleRole(scope, resource, event))
        break
      case 'Schedule':
      case 'CloudWatchEvent':
      case 'EventBridgeRule':
        roles.push(
          ...given(scope, event.properties, 'RoleArn', property, event.line, 'events:PutTargets', 'events', () => role),
        )
        break
      case 'Api':
        roles.push(samRole('apigateway:ImportRestApi', 'apigateway', property, event.line, role, true))
        break
      default:
        break
    }
  }
  return roles
}

function scheduleRole(scope: IntrinsicsScope, resource: TemplateResource, event: SamEvent): readonly SamRole[] {
  return given(
    scope,
    event.properties,
    'RoleArn',
    `Events.${event.name}`,
    event.line,
    'scheduler:CreateSchedule',
    'scheduler',
    () => added(scope, `${resource.logicalId}${event.name}Role`),
  )
}

function* apiRoles(
  scope: IntrinsicsScope,
  resource: TemplateResource,
  section: string,
  operation: string,
): Generator<SamRole> {
  const auth = setting(scope, resource, 'Auth', section)?.value
  yield* invokeRole(scope, auth, 'Auth.InvokeRole', 'InvokeRole', operation)
  for (const path of BODY_CREDENTIALS) {
    for (const { text, property, line } of propertyValuesAt(scope, resource.properties, path)) {
      yield samRole(operation, 'apigateway', property, line, text, false)
    }
  }
  for (const [name, entry] of mapEntries(childOf(auth, 'Authorizers'))) {
    yield* invokeRole(
      scope,
      entry.value,
      `Auth.Authorizers.${name}.FunctionInvokeRole`,
      'FunctionInvokeRole',
      operation,
    )
  }
}

const BODY_CREDENTIALS = [
  'DefinitionBody.paths{}{}.x-amazon-apigateway-integration.credentials',
  'DefinitionBody.components.securitySchemes{}.x-amazon-apigateway-authorizer.authorizerCredentials',
  'DefinitionBody.securityDefinitions{}.x-amazon-apigateway-authorizer.authorizerCredentials',
]

/** `NONE` and `CALLER_CREDENTIALS` are settings, not roles. */
function invokeRole(
  scope: IntrinsicsScope,
  node: SourceNode | undefined,
  property: string,
  key: string,
  operation: string,
) {
  const entry = entryOf(node, key)
  if (entry === undefined) return []
  return textsOf(scope, entry.value)
    .filter(text => !SETTINGS.has(text.pieces.join('')))
    .map(text => samRole(operation, 'apigateway', property, entry.line, text, false))
}

const SETTINGS = new Set(['NONE', 'CALLER_CREDENTIALS'])

function graphQlRoles(scope: IntrinsicsScope, resource: TemplateResource): readonly SamRole[] {
  const roles: SamRole[] = []
  const id = resource.logicalId
  const logging = entryOf(resource.properties, 'Logging')
  if (scalarText(logging?.value) !== 'false') {
    roles.push(
      ...given(
        scope,
        logging?.value,
        'CloudWatchLogsRoleArn',
        'Logging',
        logging?.line ?? resource.line,
        'appsync:CreateGraphqlApi',
        'appsync',
        () => added(scope, `${id}CloudWatchRole`),
      ),
    )
  }
  const sources = childOf(resource.properties, 'DataSources')
  for (const [kind, { value }] of mapEntries(sources)) {
    for (const [name, source] of mapEntries(value)) {
      roles.push(
        ...given(
          scope,
          source.value,
          'ServiceRoleArn',
          `DataSources.${kind}.${name}`,
          source.line,
          'appsync:CreateDataSource',
          'appsync',
          () => added(scope, `${id}${name}${kind === 'DynamoDb' ? 'DynamoDB' : kind}DataSourceRole`),
        ),
      )
    }
  }
  return roles
}

type SamEvent = {
  readonly name: string
  readonly type: string
  readonly line: number
  readonly properties: SourceNode | undefined
}

function eventsOf(scope: IntrinsicsScope, resource: TemplateResource): readonly SamEvent[] {
  return mapEntries(childOf(resource.properties, 'Events')).flatMap(([name, entry]) =>
    alternativesOf(scope, entry.value).map(event => ({
      name,
      type: scalarText(childOf(event, 'Type')) ?? '',
      line: entry.line,
      properties: childOf(event, 'Properties'),
    })),
  )
}

/** The role of a property, or the role that the transform adds if the property is not set. */
function ownOrAdded(
  scope: IntrinsicsScope,
  resource: TemplateResource,
  key: string,
  suffix: string,
  operation: string,
  service: string,
  section?: string,
): readonly SamRole[] {
  const entry = setting(scope, resource, key, section)
  const texts = entry === undefined ? [] : textsOf(scope, entry.value)
  const named = texts.map(text => samRole(operation, service, key, entry?.line ?? resource.line, text, false))
  if (named.length > 0 && entry !== undefined && !mayBeUnset(scope, entry.value)) return named
  const role = added(scope, `${resource.logicalId}${suffix}`)
  return [...named, samRole(operation, service, key, resource.line, role, true)]
}

function given(
  scope: IntrinsicsScope,
  node: SourceNode | undefined,
  key: string,
  property: string,
  line: number,
  operation: string,
  service: string,
  instead: () => RoleText,
): readonly SamRole[] {
  const entry = entryOf(node, key)
  const texts = entry === undefined ? [] : textsOf(scope, entry.value)
  if (entry === undefined || texts.length === 0) return [samRole(operation, service, property, line, instead(), true)]
  const path = property.endsWith(`.${key}`) ? property : `${property}.${key}`
  return texts.map(text => samRole(operation, service, path, entry.line, text, false))
}

function samRole(
  operation: string,
  service: string,
  property: string,
  line: number,
  text: RoleText,
  isAdded: boolean,
): SamRole {
  const principal = `${service}.amazonaws.com`
  return { operation, service: principal, property, line, text, trusts: isAdded ? principal : null }
}

function added(scope: IntrinsicsScope, logicalId: string): RoleText {
  const { partition, accountId } = scope.environment
  const start = literalText(`arn:${partition}:iam::`)
  const account = accountId === null ? holeText('AWS::AccountId', 'unknown') : literalText(accountId)
  const resource = { scope: scope.id, logicalId }
  const name = holeText(`the name of ${logicalId}`, 'same-template', resource)
  return { ...joinTexts([start, account, literalText(':role/'), name]), from: 'same-template', resource }
}

/** A property of the resource, or its value in `Globals`. */
function setting(scope: IntrinsicsScope, resource: TemplateResource, key: string, section?: string): Entry | undefined {
  const own = entryOf(resource.properties, key)
  if (own !== undefined && alternativesOf(scope, own.value).length > 0) return own
  return section === undefined ? undefined : entryOf(childOf(scope.template.globals, section), key)
}

function isEnabled(scope: IntrinsicsScope, preference: SourceNode): boolean {
  const texts = textsOf(scope, childOf(preference, 'Enabled')).map(text => text.pieces.join('').toLowerCase())
  return texts.length === 0 || texts.some(text => text !== 'false')
}

const mapEntries = (node: SourceNode | undefined): readonly (readonly [string, Entry])[] =>
  node?.kind === 'map' ? [...node.entries] : []
