import { type CallRow, group } from './rows.ts'

/** Calls that pass roles, by event source. The columns are explained in `rows.ts`. */
export const callsStoragegatewayToWorkmail = (): readonly CallRow[] =>
  [
    group('storagegateway', 'storagegateway', 'trust', [
      ['CreateNFSFileShare', 'role', 'map'],
      ['CreateSMBFileShare', 'role', 'map'],
    ]),
    group('swf', '', 'none', [
      ['RegisterWorkflowType', 'defaultLambdaRole', 'map'],
      ['StartWorkflowExecution', 'lambdaRole', 'map'],
    ]),
    group('synthetics', 'lambda', 'policies', [
      ['CreateCanary', 'executionRoleArn', 'map'],
      ['StartCanaryDryRun', 'executionRoleArn', 'model'],
      ['UpdateCanary', 'executionRoleArn', 'map'],
    ]),
    group('timestream', 'timestream', 'trust', [['CreateScheduledQuery', 'scheduledQueryExecutionRoleArn', 'map']]),
    group('transfer', 'transfer', 'policies', [
      ['CreateAccess', 'role', 'map'],
      ['CreateAgreement', 'accessRole', 'model'],
      ['CreateConnector', 'accessRole loggingRole', 'model'],
      [
        'CreateServer',
        'identityProviderDetails.invocationRole loggingRole workflowDetails.onUpload[].executionRole workflowDetails.onPartialUpload[].executionRole',
        'map',
      ],
      ['CreateUser', 'role', 'map'],
      ['UpdateAccess', 'role', 'map'],
      ['UpdateAgreement', 'accessRole', 'model'],
      ['UpdateConnector', 'accessRole loggingRole', 'model'],
      [
        'UpdateServer',
        'identityProviderDetails.invocationRole loggingRole workflowDetails.onUpload[].executionRole workflowDetails.onPartialUpload[].executionRole',
        'map',
      ],
      ['UpdateUser', 'role', 'map'],
    ]),
    group('translate', 'translate', 'trust', [['StartTextTranslationJob', 'dataAccessRoleArn', 'map']]),
    group('workmail', 'events.workmail', 'trust', [['StartMailboxExportJob', 'roleArn', 'map']]),
  ].flat()
