/** The code of the sample account: the template of the stack whose role lacks a permission. */
import type { Config } from '../../functions/domain/config/index.ts'
import type { FileContent } from './git-repository.ts'

const TEMPLATE = `AWSTemplateFormatVersion: '2010-09-09'
Description: Roles that deploy the orders service

Parameters:
  Stage:
    Type: String
    Default: dev

Resources:
  # CloudFormation deploys with this role.
  StackExecution:
    Type: AWS::IAM::Role
    Properties:
      RoleName: orders-stack-exec
      Path: /deploy/
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal:
              Service: cloudformation.amazonaws.com
            Action: sts:AssumeRole
      Policies:
        - PolicyName: exec
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Sid: Functions
                Effect: Allow
                Action:
                  - lambda:CreateFunction
                  - lambda:GetFunction
                  - lambda:TagResource
                Resource: '*'
`

const FILES: readonly FileContent[] = [
  { path: 'README.md', text: '# orders\n\nThe templates of the orders service.\n' },
  { path: '.github/CODEOWNERS', text: '* @acme/orders\ntemplates/ @acme/platform @ana\n' },
  { path: 'templates/pipeline.yaml', text: TEMPLATE },
]

/** For any host of the configuration. */
export const SAMPLE_REPOSITORIES: readonly { readonly name: string; readonly files: readonly FileContent[] }[] = [
  { name: 'acme/orders', files: FILES },
]

/** The repository of the sample account, if the configuration names none. */
export const SAMPLE_REPOSITORY: Config['repositories'][number] = {
  stack: 'orders-*',
  host: 'github.com',
  repository: 'acme/orders',
  branch: 'main',
  paths: ['templates/**'],
  kind: 'cloudformation',
}
