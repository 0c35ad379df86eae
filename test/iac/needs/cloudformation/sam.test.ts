import { describe, expect, it } from 'vitest'
import { lineOf, needsIn } from '../needs-of.ts'

const IAM = 'arn:aws:iam::111122223333'

/** Lines of a template whose first line of resources is the second. */
const linesIn = (resources: string, globals = ''): readonly string[] =>
  needsIn(`Transform: AWS::Serverless-2016-10-31\n${globals}Conditions: { Maybe: !Equals [!Ref Open, a] }
Parameters: { Open: { Type: String } }
Resources:
${resources}
`)
    .needs.filter(need => !need.implied)
    .map(need => `${lineOf(need).replace(/ line \d+/, '')}${need.service === null ? '' : ` to ${need.service}`}`)

const GIVEN = `${IAM}:role/given`
const added = (line: string, service: string) => `${line} ${IAM}:role/* (same-template) to ${service}.amazonaws.com`
const given = (line: string, service: string) => `${line} ${GIVEN} (literal) to ${service}.amazonaws.com`

const FUNCTION_ROLE = added('F.Role lambda:CreateFunction', 'lambda')
const FLOW_ROLE = added('S.Role states:CreateStateMachine', 'states')

describe('a resource of the SAM transform', () => {
  it.each<[string, string, readonly string[]]>([
    ['a function', '  F: { Type: AWS::Serverless::Function }', [FUNCTION_ROLE]],
    [
      'a function with its own role',
      `  F: { Type: AWS::Serverless::Function, Properties: { Role: '${GIVEN}' } }`,
      [given('F.Role lambda:CreateFunction', 'lambda')],
    ],
    [
      'a function that may have its own role',
      `  F: { Type: AWS::Serverless::Function, Properties: { Role: !If [Maybe, '${GIVEN}', !Ref AWS::NoValue] } }`,
      [given('F.Role lambda:CreateFunction', 'lambda'), FUNCTION_ROLE],
    ],
    [
      'a function whose role is unset',
      '  F: { Type: AWS::Serverless::Function, Properties: { Role: !Ref AWS::NoValue } }',
      [FUNCTION_ROLE],
    ],
    [
      'a function with one of two roles',
      `  F: { Type: AWS::Serverless::Function, Properties: { Role: !If [Maybe, '${GIVEN}', '${IAM}:role/b'] } }`,
      [
        given('F.Role lambda:CreateFunction', 'lambda'),
        `F.Role lambda:CreateFunction ${IAM}:role/b (literal) to lambda.amazonaws.com`,
      ],
    ],
    [
      'gradual deployment',
      '  F: { Type: AWS::Serverless::Function, Properties: { DeploymentPreference: { Type: Canary10Percent5Minutes } } }',
      [FUNCTION_ROLE, added('F.DeploymentPreference.Role codedeploy:CreateDeploymentGroup', 'codedeploy')],
    ],
    [
      'gradual deployment with a role',
      `  F: { Type: AWS::Serverless::Function, Properties: { DeploymentPreference: { Role: '${GIVEN}' } } }`,
      [FUNCTION_ROLE, given('F.DeploymentPreference.Role codedeploy:CreateDeploymentGroup', 'codedeploy')],
    ],
    [
      'gradual deployment that is switched on',
      '  F: { Type: AWS::Serverless::Function, Properties: { DeploymentPreference: { Enabled: true } } }',
      [FUNCTION_ROLE, added('F.DeploymentPreference.Role codedeploy:CreateDeploymentGroup', 'codedeploy')],
    ],
    [
      'gradual deployment that may be on',
      '  F: { Type: AWS::Serverless::Function, Properties: { DeploymentPreference: { Enabled: !If [Maybe, true, false] } } }',
      [FUNCTION_ROLE, added('F.DeploymentPreference.Role codedeploy:CreateDeploymentGroup', 'codedeploy')],
    ],
    [
      'gradual deployment that is switched off',
      '  F: { Type: AWS::Serverless::Function, Properties: { DeploymentPreference: { Enabled: False } } }',
      [FUNCTION_ROLE],
    ],
    [
      'a schedule',
      '  F: { Type: AWS::Serverless::Function, Properties: { Events: { E: { Type: ScheduleV2 } } } }',
      [FUNCTION_ROLE, added('F.Events.E scheduler:CreateSchedule', 'scheduler')],
    ],
    [
      'a schedule with a role',
      `  F: { Type: AWS::Serverless::Function, Properties: { Events: { E: { Type: ScheduleV2, Properties: { RoleArn: '${GIVEN}' } } } } }`,
      [FUNCTION_ROLE, given('F.Events.E.RoleArn scheduler:CreateSchedule', 'scheduler')],
    ],
    [
      'a schedule of EventBridge, which passes none',
      '  F: { Type: AWS::Serverless::Function, Properties: { Events: { E: { Type: Schedule } } } }',
      [FUNCTION_ROLE],
    ],
    [
      'a path of an API',
      `  F: { Type: AWS::Serverless::Function, Properties: { Events: { E: { Type: Api, Properties: { Auth: { InvokeRole: '${GIVEN}' } } } } } }`,
      [FUNCTION_ROLE, given('F.Events.E.Properties.Auth.InvokeRole apigateway:ImportRestApi', 'apigateway')],
    ],
    [
      'a path of an HTTP API',
      `  F: { Type: AWS::Serverless::Function, Properties: { Events: { E: { Type: HttpApi, Properties: { Auth: { InvokeRole: '${GIVEN}' } } } } } }`,
      [FUNCTION_ROLE, given('F.Events.E.Properties.Auth.InvokeRole apigateway:ImportRestApi', 'apigateway')],
    ],
    [
      'a path that anybody calls',
      '  F: { Type: AWS::Serverless::Function, Properties: { Events: { E: { Type: Api, Properties: { Auth: { InvokeRole: NONE } } } } } }',
      [FUNCTION_ROLE],
    ],
    [
      'a path that takes the caller',
      '  F: { Type: AWS::Serverless::Function, Properties: { Events: { E: { Type: Api, Properties: { Auth: { InvokeRole: CALLER_CREDENTIALS } } } } } }',
      [FUNCTION_ROLE],
    ],
    [
      'a queue',
      `  F: { Type: AWS::Serverless::Function, Properties: { Events: { E: { Type: SQS, Properties: { Auth: { InvokeRole: '${GIVEN}' } } } } } }`,
      [FUNCTION_ROLE],
    ],
    ['a state machine', '  S: { Type: AWS::Serverless::StateMachine }', [FLOW_ROLE]],
    ...['Schedule', 'CloudWatchEvent', 'EventBridgeRule'].flatMap((type): [string, string, readonly string[]][] => [
      [
        `${type} of a state machine`,
        `  S: { Type: AWS::Serverless::StateMachine, Properties: { Events: { E: { Type: ${type} } } } }`,
        [FLOW_ROLE, added('S.Events.E events:PutTargets', 'events')],
      ],
      [
        `${type} with a role`,
        `  S: { Type: AWS::Serverless::StateMachine, Properties: { Events: { E: { Type: ${type}, Properties: { RoleArn: '${GIVEN}' } } } } }`,
        [FLOW_ROLE, given('S.Events.E.RoleArn events:PutTargets', 'events')],
      ],
    ]),
    [
      'a scheduler of a state machine',
      '  S: { Type: AWS::Serverless::StateMachine, Properties: { Events: { E: { Type: ScheduleV2 } } } }',
      [FLOW_ROLE, added('S.Events.E scheduler:CreateSchedule', 'scheduler')],
    ],
    [
      'a path of a state machine',
      '  S: { Type: AWS::Serverless::StateMachine, Properties: { Events: { E: { Type: Api } } } }',
      [FLOW_ROLE, added('S.Events.E apigateway:ImportRestApi', 'apigateway')],
    ],
    [
      'an event of no type',
      '  S: { Type: AWS::Serverless::StateMachine, Properties: { Events: { E: {} } } }',
      [FLOW_ROLE],
    ],
    ['an API', '  A: { Type: AWS::Serverless::Api }', []],
    [
      'an API with a role',
      `  A: { Type: AWS::Serverless::Api, Properties: { Auth: { InvokeRole: '${GIVEN}' } } }`,
      [given('A.Auth.InvokeRole apigateway:ImportRestApi', 'apigateway')],
    ],
    [
      'an HTTP API with a role',
      `  A: { Type: AWS::Serverless::HttpApi, Properties: { Auth: { InvokeRole: '${GIVEN}' } } }`,
      [given('A.Auth.InvokeRole apigateway:ImportApi', 'apigateway')],
    ],
    [
      'a WebSocket API with a role',
      `  A: { Type: AWS::Serverless::WebSocketApi, Properties: { Auth: { InvokeRole: '${GIVEN}' } } }`,
      [given('A.Auth.InvokeRole apigateway:CreateAuthorizer', 'apigateway')],
    ],
    [
      'an authorizer',
      `  A: { Type: AWS::Serverless::HttpApi, Properties: { Auth: { Authorizers: { L: { FunctionInvokeRole: '${GIVEN}' } } } } }`,
      [given('A.Auth.Authorizers.L.FunctionInvokeRole apigateway:ImportApi', 'apigateway')],
    ],
    [
      'an integration',
      `  A: { Type: AWS::Serverless::Api, Properties: { DefinitionBody: { paths: { /o: { get: { x-amazon-apigateway-integration: { credentials: '${GIVEN}' } } } } } } }`,
      [
        given(
          'A.DefinitionBody.paths./o.get.x-amazon-apigateway-integration.credentials apigateway:ImportRestApi',
          'apigateway',
        ),
      ],
    ],
    [
      'an authorizer of Swagger',
      `  A: { Type: AWS::Serverless::Api, Properties: { DefinitionBody: { securityDefinitions: { L: { x-amazon-apigateway-authorizer: { authorizerCredentials: '${GIVEN}' } } } } } }`,
      [
        given(
          'A.DefinitionBody.securityDefinitions.L.x-amazon-apigateway-authorizer.authorizerCredentials apigateway:ImportRestApi',
          'apigateway',
        ),
      ],
    ],
    [
      'an authorizer of OpenAPI',
      `  A: { Type: AWS::Serverless::Api, Properties: { DefinitionBody: { components: { securitySchemes: { L: { x-amazon-apigateway-authorizer: { authorizerCredentials: '${GIVEN}' } } } } } } }`,
      [
        given(
          'A.DefinitionBody.components.securitySchemes.L.x-amazon-apigateway-authorizer.authorizerCredentials apigateway:ImportRestApi',
          'apigateway',
        ),
      ],
    ],
    [
      'a GraphQL API',
      '  G: { Type: AWS::Serverless::GraphQLApi }',
      [added('G.Logging appsync:CreateGraphqlApi', 'appsync')],
    ],
    [
      'a GraphQL API that logs nothing',
      '  G: { Type: AWS::Serverless::GraphQLApi, Properties: { Logging: false } }',
      [],
    ],
    [
      'a GraphQL API that logs with a role',
      `  G: { Type: AWS::Serverless::GraphQLApi, Properties: { Logging: { CloudWatchLogsRoleArn: '${GIVEN}' } } }`,
      [given('G.Logging.CloudWatchLogsRoleArn appsync:CreateGraphqlApi', 'appsync')],
    ],
    [
      'a data source',
      '  G: { Type: AWS::Serverless::GraphQLApi, Properties: { Logging: false, DataSources: { DynamoDb: { T: {} } } } }',
      [added('G.DataSources.DynamoDb.T appsync:CreateDataSource', 'appsync')],
    ],
    [
      'a data source with a role',
      `  G: { Type: AWS::Serverless::GraphQLApi, Properties: { Logging: false, DataSources: { Lambda: { L: { ServiceRoleArn: '${GIVEN}' } } } } }`,
      [given('G.DataSources.Lambda.L.ServiceRoleArn appsync:CreateDataSource', 'appsync')],
    ],
    [
      'a capacity provider',
      '  C: { Type: AWS::Serverless::CapacityProvider }',
      [added('C.OperatorRole lambda:CreateCapacityProvider', 'lambda')],
    ],
    [
      'a capacity provider with a role',
      `  C: { Type: AWS::Serverless::CapacityProvider, Properties: { OperatorRole: '${GIVEN}' } }`,
      [given('C.OperatorRole lambda:CreateCapacityProvider', 'lambda')],
    ],
    ['a table', '  T: { Type: AWS::Serverless::SimpleTable }', []],
  ])('passes its roles: %s', (_, resources, expected) => {
    expect(linesIn(resources)).toEqual(expected)
  })

  it.each<[string, string, string, readonly string[]]>([
    [
      'a role for all functions',
      `Globals: { Function: { Role: '${GIVEN}' } }\n`,
      '{}',
      [given('F.Role lambda:CreateFunction', 'lambda')],
    ],
    [
      'a role that one function replaces',
      `Globals: { Function: { Role: '${IAM}:role/all' } }\n`,
      `{ Role: '${GIVEN}' }`,
      [given('F.Role lambda:CreateFunction', 'lambda')],
    ],
    [
      'a role that one function unsets',
      `Globals: { Function: { Role: '${GIVEN}' } }\n`,
      '{ Role: !Ref AWS::NoValue }',
      [given('F.Role lambda:CreateFunction', 'lambda')],
    ],
    ['a role for APIs alone', `Globals: { Api: { Role: '${GIVEN}' } }\n`, '{}', [FUNCTION_ROLE]],
    [
      'gradual deployment for all functions',
      'Globals: { Function: { DeploymentPreference: { Type: AllAtOnce } } }\n',
      '{}',
      [FUNCTION_ROLE, added('F.DeploymentPreference.Role codedeploy:CreateDeploymentGroup', 'codedeploy')],
    ],
  ])('takes from Globals %s', (_, globals, properties, expected) => {
    expect(linesIn(`  F: { Type: AWS::Serverless::Function, Properties: ${properties} }`, globals)).toEqual(expected)
  })

  it('adds a role that trusts the service, under the name that the transform gives it', () => {
    const { needs, made } = needsIn(`Transform: AWS::Serverless-2016-10-31
Resources:
  F: { Type: AWS::Serverless::Function, Properties: { Events: { Nightly: { Type: ScheduleV2 } }, DeploymentPreference: {} } }
  S: { Type: AWS::Serverless::StateMachine, Properties: { Events: { Nightly: { Type: ScheduleV2 }, Call: { Type: Api } } } }
  G: { Type: AWS::Serverless::GraphQLApi, Properties: { DataSources: { DynamoDb: { T: {} }, Lambda: { L: {} } } } }
  C: { Type: AWS::Serverless::CapacityProvider }
  Own: { Type: AWS::Serverless::Function, Properties: { Role: '${GIVEN}' } }
`)
    const ids = [
      'FRole',
      'CodeDeployServiceRole',
      'FNightlyRole',
      'SRole',
      'SNightlyRole',
      'SCallRole',
      'GCloudWatchRole',
      'GTDynamoDBDataSourceRole',
      'GLLambdaDataSourceRole',
      'COperatorRole',
    ]
    expect(needs.map(need => need.role.text.resource?.logicalId ?? null)).toEqual([...ids, null])
    expect(made.map(role => role.logicalId)).toEqual(ids)
    expect(made[0]).toEqual({
      accountId: '111122223333',
      scope: 'template.yaml',
      logicalId: 'FRole',
      name: null,
      path: '/',
      trust: {
        document: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: { Service: ['lambda.amazonaws.com'] }, Action: ['sts:AssumeRole'] },
          ],
        },
        complete: true,
      },
      inlinePolicies: [],
      managedPolicyArns: [],
      permissionsBoundary: null,
      complete: false,
      file: 'template.yaml',
      line: 3,
    })
    expect(needs.every(need => need.conditional === false)).toBe(true)
  })

  it('is conditional under a condition that is not known, and skips what is no role', () => {
    const { needs } = needsIn(`Transform: AWS::Serverless-2016-10-31
Parameters: { Open: { Type: String } }
Conditions: { Maybe: !Equals [!Ref Open, a], Never: !Equals [a, b] }
Resources:
  A: { Type: AWS::Serverless::Function, Condition: Maybe }
  B: { Type: AWS::Serverless::Function, Condition: Never }
  C: { Type: AWS::Serverless::Function, Properties: { Role: '${IAM}:user/x' } }
`)
    expect(needs.map(need => [need.where.logicalId, need.conditional])).toEqual([['A', true]])
  })
})
