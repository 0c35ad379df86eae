import { describe, expect, it } from 'vitest'
import { linesOf, needsIn } from './needs-of.ts'

const ROLE = `
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: { Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: 'sts:AssumeRole' }] }
`

describe('the roles that a template passes', () => {
  it('are named by the ARN as far as it is known, with the line of their property', () => {
    const needs = needsIn(`Resources:
  Literal:
    Type: AWS::Lambda::Function
    Properties:
      Role: arn:aws:iam::111122223333:role/service/orders
  Same:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
${ROLE}`)
    expect(linesOf(needs)).toEqual([
      'Literal.Role line 5 lambda:CreateFunction arn:aws:iam::111122223333:role/service/orders (literal)',
      'Same.Role line 9 lambda:CreateFunction arn:aws:iam::111122223333:role/* (same-template)',
    ])
  })

  it('are known by name where the template fixes it, also when the ARN is spelled by hand', () => {
    const needs = needsIn(`Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Role: !Sub 'arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/app/\${Role}'
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Join ['-', [orders, !Ref 'AWS::Region']]
      Path: /app/
      AssumeRolePolicyDocument: {}
`)
    expect(linesOf(needs)).toEqual([
      'Fn.Role line 5 lambda:CreateFunction arn:aws:iam::111122223333:role/app/orders-eu-west-1 (same-template)',
    ])
  })

  it('come from parameters with a default, and are not known without one', () => {
    const needs = needsIn(`Parameters:
  Given: { Type: String, Default: 'arn:aws:iam::111122223333:role/given' }
  Open: { Type: String }
  Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /roles/api }
Resources:
  A: { Type: AWS::StepFunctions::StateMachine, Properties: { RoleArn: !Ref Given } }
  B: { Type: AWS::StepFunctions::StateMachine, Properties: { RoleArn: !Ref Open } }
  C: { Type: AWS::StepFunctions::StateMachine, Properties: { RoleArn: !Ref Stored } }
  D: { Type: AWS::StepFunctions::StateMachine, Properties: { RoleArn: '{{resolve:ssm:/roles/d}}' } }
  E: { Type: AWS::StepFunctions::StateMachine, Properties: { RoleArn: !ImportValue base-role } }
`)
    expect(linesOf(needs)).toEqual([
      'A.RoleArn line 6 states:CreateStateMachine arn:aws:iam::111122223333:role/given (parameter)',
      'B.RoleArn line 7 states:CreateStateMachine * (parameter)',
      'C.RoleArn line 8 states:CreateStateMachine * (parameter)',
      'D.RoleArn line 9 states:CreateStateMachine * (unknown)',
      'E.RoleArn line 10 states:CreateStateMachine * (import)',
    ])
  })

  it('leave out what a false condition leaves out, and keep both values where it is not known', () => {
    const needs = needsIn(`Parameters:
  Stage: { Type: String, Default: dev }
  Size: { Type: String }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [Condition: IsProd]
  IsLarge: !Equals [!Ref Size, large]
Resources:
  Prod: { Type: AWS::Lambda::Function, Condition: IsProd, Properties: { Role: 'arn:aws:iam::111122223333:role/prod' } }
  Dev: { Type: AWS::Lambda::Function, Condition: IsDev, Properties: { Role: !If [IsProd, 'arn:aws:iam::111122223333:role/a', 'arn:aws:iam::111122223333:role/b'] } }
  Any: { Type: AWS::Lambda::Function, Properties: { Role: !If [IsLarge, 'arn:aws:iam::111122223333:role/l', 'arn:aws:iam::111122223333:role/s'] } }
  None: { Type: AWS::SNS::Subscription, Properties: { SubscriptionRoleArn: !If [IsProd, 'arn:aws:iam::111122223333:role/x', !Ref 'AWS::NoValue'] } }
`)
    expect(linesOf(needs)).toEqual([
      'Dev.Role line 10 lambda:CreateFunction arn:aws:iam::111122223333:role/b (literal)',
      'Any.Role line 11 lambda:CreateFunction arn:aws:iam::111122223333:role/l (literal)',
      'Any.Role line 11 lambda:CreateFunction arn:aws:iam::111122223333:role/s (literal)',
    ])
    expect(needs.needs.map(need => need.conditional)).toEqual([false, true, true])
  })

  it('are in lists, maps, keyed settings and bodies', () => {
    const needs = needsIn(`Resources:
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Targets:
        - Arn: arn:aws:sqs:eu-west-1:111122223333:q
        - Arn: arn:aws:states:eu-west-1:111122223333:stateMachine:m
          RoleArn: arn:aws:iam::111122223333:role/start
  Pool:
    Type: AWS::Cognito::IdentityPoolRoleAttachment
    Properties:
      Roles:
        authenticated: arn:aws:iam::111122223333:role/in
        unauthenticated: arn:aws:iam::111122223333:role/out
  Beanstalk:
    Type: AWS::ElasticBeanstalk::Environment
    Properties:
      OptionSettings:
        - { Namespace: aws:autoscaling:launchconfiguration, OptionName: IamInstanceProfile, Value: web }
        - { Namespace: aws:elasticbeanstalk:environment, OptionName: ServiceRole, Value: eb-service }
        - { Namespace: aws:elasticbeanstalk:environment, OptionName: EnvironmentType, Value: SingleInstance }
  Saved:
    Type: AWS::ElasticBeanstalk::ConfigurationTemplate
    Properties:
      OptionSettings:
        - { Namespace: aws:autoscaling:asg, OptionName: MaxSize, Value: '6' }
        - { Namespace: aws:elasticbeanstalk:environment, OptionName: ServiceRole, Value: eb-service }
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        paths:
          /orders:
            post:
              x-amazon-apigateway-integration:
                credentials: arn:aws:iam::111122223333:role/api
            get:
              x-amazon-apigateway-integration:
                credentials: arn:aws:iam::*:user/*
`)
    expect(linesOf(needs)).toEqual([
      'Rule.Targets[1].RoleArn line 8 events:PutTargets arn:aws:iam::111122223333:role/start (literal)',
      'Pool.Roles.authenticated line 13 cognito-identity:SetIdentityPoolRoles arn:aws:iam::111122223333:role/in (literal)',
      'Pool.Roles.unauthenticated line 14 cognito-identity:SetIdentityPoolRoles arn:aws:iam::111122223333:role/out (literal)',
      'Beanstalk.OptionSettings[0].Value line 19 elasticbeanstalk:CreateEnvironment web (literal)',
      'Beanstalk.OptionSettings[1].Value line 20 elasticbeanstalk:CreateEnvironment eb-service (literal)',
      'Saved.OptionSettings[1].Value line 27 elasticbeanstalk:CreateConfigurationTemplate eb-service (literal)',
      'Api.Body.paths./orders.post.x-amazon-apigateway-integration.credentials line 36 apigateway:ImportRestApi arn:aws:iam::111122223333:role/api (literal)',
    ])
  })

  it('are not the roles that permissions, tags and outputs name', () => {
    const needs = needsIn(`Resources:
  Grant: { Type: AWS::Lambda::Permission, Properties: { Principal: 'arn:aws:iam::111122223333:role/x', FunctionName: f, Action: 'lambda:InvokeFunction' } }
  Policy: { Type: AWS::IAM::Policy, Properties: { PolicyName: p, Roles: [x], PolicyDocument: {} } }
  Key: { Type: AWS::KMS::Key, Properties: { KeyPolicy: { Statement: [{ Principal: { AWS: 'arn:aws:iam::111122223333:role/x' } }] } } }
Outputs:
  Role: { Value: arn:aws:iam::111122223333:role/x }
`)
    expect(linesOf(needs)).toEqual([])
  })

  it('are not known of what a macro writes into a part, and known of the rest', () => {
    const template = (body: string) => `Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      DefinitionBody:
${body}
  Fn:
    Type: AWS::Serverless::Function
    Properties: { Role: arn:aws:iam::111122223333:role/service/orders }
`
    const include = 'Fn::Transform: { Name: AWS::Include, Parameters: { Location: s3://orders/api.yml } }'
    const known = 'Fn.Role line 11 lambda:CreateFunction arn:aws:iam::111122223333:role/service/orders (literal)'
    const alone = needsIn(template(`        ${include}\n`))
    const macro = (line: number) => [{ file: 'template.yaml', line, what: 'what the macro AWS::Include writes here' }]
    expect(linesOf(alone)).toEqual([known])
    expect(alone.unread).toEqual(macro(7))
    const among = needsIn(template(`        openapi: 3.0.1\n        ${include}`))
    expect(among.unread).toEqual(macro(8))
    const below = needsIn(
      template(`        paths: !If [Unknown, { ${include} }, {}]\n`).replace(
        'Resources',
        'Conditions: { Unknown: !Equals [!Ref AWS::StackName, x] }\nResources',
      ),
    )
    expect(below.unread).toEqual(macro(8))
    expect(needsIn(template('        openapi: 3.0.1\n')).unread).toEqual([])
  })

  it('are read from nested stacks in files, with what the parent hands down and gets back', () => {
    const files = {
      'nested/api.yaml': `Parameters:
  RoleArn: { Type: String }
Resources:
  Fn: { Type: AWS::Lambda::Function, Properties: { Role: !Ref RoleArn } }
  Made: { Type: AWS::IAM::Role, Properties: { RoleName: made, AssumeRolePolicyDocument: {} } }
Outputs:
  MadeArn: { Value: !GetAtt Made.Arn }
`,
    }
    const needs = needsIn(
      `Resources:
  Api:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./nested/api.yaml
      Parameters: { RoleArn: 'arn:aws:iam::111122223333:role/handed' }
  Fn:
    Type: AWS::Lambda::Function
    Properties: { Role: !GetAtt Api.Outputs.MadeArn }
  Elsewhere:
    Type: AWS::CloudFormation::Stack
    Properties: { TemplateURL: 'https://example.com/other.yaml' }
`,
      files,
    )
    expect(linesOf(needs)).toEqual([
      'Fn.Role line 9 lambda:CreateFunction arn:aws:iam::111122223333:role/made (same-template)',
      'Fn.Role line 4 lambda:CreateFunction arn:aws:iam::111122223333:role/handed (parameter)',
    ])
    expect(needs.unread).toEqual([{ file: 'template.yaml', line: 10, what: 'the nested stack Elsewhere' }])
  })

  it('include the roles that the SAM transform adds', () => {
    const needs = needsIn(`Transform: AWS::Serverless-2016-10-31
Globals:
  Function: { Runtime: nodejs24.x }
Resources:
  Plain: { Type: AWS::Serverless::Function, Properties: { Handler: a.b } }
  Own: { Type: AWS::Serverless::Function, Properties: { Role: 'arn:aws:iam::111122223333:role/own' } }
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Events:
        Nightly: { Type: Schedule, Properties: { Schedule: rate(1 day) } }
`)
    expect(linesOf(needs)).toEqual([
      'Plain.Role line 5 lambda:CreateFunction arn:aws:iam::111122223333:role/* (same-template)',
      'Own.Role line 6 lambda:CreateFunction arn:aws:iam::111122223333:role/own (literal)',
      'Flow.Role line 7 states:CreateStateMachine arn:aws:iam::111122223333:role/* (same-template)',
      'Flow.Events.Nightly line 11 events:PutTargets arn:aws:iam::111122223333:role/* (same-template)',
    ])
  })

  it('are written out of loops', () => {
    const needs = needsIn(`Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Functions:
    - Name
    - [Orders, Bills]
    - Fn\${Name}:
        Type: AWS::Lambda::Function
        Properties:
          Role: !Sub 'arn:aws:iam::\${AWS::AccountId}:role/\${Name}'
`)
    expect(linesOf(needs)).toEqual([
      'FnOrders.Role line 9 lambda:CreateFunction arn:aws:iam::111122223333:role/Orders (literal)',
      'FnBills.Role line 9 lambda:CreateFunction arn:aws:iam::111122223333:role/Bills (literal)',
    ])
  })

  it('include service-linked roles that the template makes', () => {
    const needs = needsIn(`Resources:
  Linked:
    Type: AWS::IAM::ServiceLinkedRole
    Properties:
      AWSServiceName: autoscaling.amazonaws.com
`)
    expect(linesOf(needs)).toEqual([
      'Linked.AWSServiceName line 5 iam:CreateServiceLinkedRole arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling (same-template)',
    ])
  })

  it('carry the construct path of a CDK template', () => {
    const needs = needsIn(
      JSON.stringify({
        Resources: {
          Fn: {
            Type: 'AWS::Lambda::Function',
            Properties: { Role: 'arn:aws:iam::111122223333:role/x' },
            Metadata: { 'aws:cdk:path': 'Orders/Fn/Resource' },
          },
        },
      }),
    )
    expect(needs.needs.map(need => need.where.constructPath)).toEqual(['Orders/Fn/Resource'])
  })
})

describe('a role that the template makes', () => {
  it('has the trust and the policies that the template will write, with what is not known yet as a wildcard', () => {
    const { made } = needsIn(`Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: orders
      AssumeRolePolicyDocument:
        Statement: [{ Effect: Allow, Principal: { Service: !Sub 'ecs-tasks.\${AWS::URLSuffix}' }, Action: 'sts:AssumeRole' }]
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: read
      Roles: [!Ref Role]
      PolicyDocument: { Statement: [{ Effect: Allow, Action: 's3:GetObject', Resource: !GetAtt Bucket.Arn }] }
  Bucket: { Type: AWS::S3::Bucket }
`)
    expect(made).toMatchObject([
      {
        name: 'orders',
        trust: {
          complete: true,
          document: {
            Statement: [
              { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' },
            ],
          },
        },
        inlinePolicies: [
          { name: 'read', complete: false, document: { Statement: [{ Action: 's3:GetObject', Resource: '*' }] } },
        ],
        complete: false,
      },
    ])
  })
})
