export const HARM_CLASSES = ['blind', 'destroy'] as const
export type HarmClass = (typeof HARM_CLASSES)[number]

/**
 * Permissions that do not lead to administrator access but are as severe, one per line:
 *
 * action on kind | description, after "may" | source
 *
 * They also count for a role of a single application. `any`: on any resource. `every`: on all resources of its kind; on a named
 * one it is ordinary, because an application deletes its own data.
 *
 * The table omits what ordinary roles may do anywhere, such as changing how long a log group keeps its events.
 */
export const HARMS = {
  /** Afterwards nobody sees what is done. https://attack.mitre.org/techniques/T1562/008/ */
  blind: {
    any: `
      cloudtrail:StopLogging on trail | stop the logging of {it} | docs awscloudtrail/latest/APIReference/API_StopLogging.html
      cloudtrail:DeleteTrail on trail | delete {it} | docs awscloudtrail/latest/APIReference/API_DeleteTrail.html
      cloudtrail:UpdateTrail on trail | send the records of {it} elsewhere | docs awscloudtrail/latest/APIReference/API_UpdateTrail.html
      cloudtrail:PutEventSelectors on trail | choose which events {it} records | docs awscloudtrail/latest/APIReference/API_PutEventSelectors.html
      cloudtrail:PutInsightSelectors on trail | switch off the Insights of {it} | docs awscloudtrail/latest/APIReference/API_PutInsightSelectors.html
      cloudtrail:StopEventDataStoreIngestion on event-data-store | stop {it} | docs awscloudtrail/latest/APIReference/API_StopEventDataStoreIngestion.html
      cloudtrail:UpdateEventDataStore on event-data-store | choose which events {it} records | docs awscloudtrail/latest/APIReference/API_UpdateEventDataStore.html
      cloudtrail:DeleteEventDataStore on event-data-store | delete {it} | docs awscloudtrail/latest/APIReference/API_DeleteEventDataStore.html
      guardduty:DeleteDetector on detector | delete {it} | docs guardduty/latest/APIReference/API_DeleteDetector.html
      guardduty:UpdateDetector on detector | switch off {it} | docs guardduty/latest/APIReference/API_UpdateDetector.html
      guardduty:StopMonitoringMembers on detector | stop {it} in member accounts | docs guardduty/latest/APIReference/API_StopMonitoringMembers.html
      guardduty:UpdateMemberDetectors on detector | switch off protection in member accounts of {it} | docs guardduty/latest/APIReference/API_UpdateMemberDetectors.html
      guardduty:DeleteMembers on detector | take member accounts out of {it} | docs guardduty/latest/APIReference/API_DeleteMembers.html
      guardduty:DisassociateMembers on detector | take member accounts out of {it} | docs guardduty/latest/APIReference/API_DisassociateMembers.html
      guardduty:DisassociateFromAdministratorAccount on detector | take {it} from its administrator account | docs guardduty/latest/APIReference/API_DisassociateFromAdministratorAccount.html
      guardduty:DisassociateFromMasterAccount on detector | take {it} from its administrator account | docs guardduty/latest/APIReference/API_DisassociateFromMasterAccount.html
      guardduty:DisableOrganizationAdminAccount on none | take GuardDuty from the administrator account of the organization | docs guardduty/latest/APIReference/API_DisableOrganizationAdminAccount.html
      guardduty:DeletePublishingDestination on publishing-destination | stop the export of findings to {it} | docs guardduty/latest/APIReference/API_DeletePublishingDestination.html
      guardduty:CreateFilter on detector | archive new findings of {it} unseen | docs guardduty/latest/ug/findings_suppression-rule.html
      guardduty:CreateIPSet on detector | let addresses of its own choice pass {it} unseen | docs guardduty/latest/ug/guardduty_upload-lists.html
      config:StopConfigurationRecorder on configuration-recorder | stop {it} | docs config/latest/APIReference/API_StopConfigurationRecorder.html
      config:DeleteConfigurationRecorder on configuration-recorder | delete {it} | docs config/latest/APIReference/API_DeleteConfigurationRecorder.html
      config:PutConfigurationRecorder on configuration-recorder | choose what {it} records | docs config/latest/APIReference/API_PutConfigurationRecorder.html
      config:DeleteDeliveryChannel on none | stop the delivery of what AWS Config records | docs config/latest/APIReference/API_DeleteDeliveryChannel.html
      config:DeleteConfigRule on config-rule | delete {it} | docs config/latest/APIReference/API_DeleteConfigRule.html
      config:DeleteOrganizationConfigRule on organization-config-rule | delete {it} | docs config/latest/APIReference/API_DeleteOrganizationConfigRule.html
      config:DeleteConformancePack on conformance-pack | delete {it} | docs config/latest/APIReference/API_DeleteConformancePack.html
      securityhub:DisableSecurityHub on security-hub | switch off {it} | docs securityhub/1.0/APIReference/API_DisableSecurityHub.html
      securityhub:DisableSecurityHubV2 on security-hub-v2 | switch off {it} | docs securityhub/1.0/APIReference/API_DisableSecurityHubV2.html
      securityhub:BatchDisableStandards on security-hub | switch off the standards of {it} | docs securityhub/1.0/APIReference/API_BatchDisableStandards.html
      securityhub:UpdateStandardsControl on security-hub | switch off controls of {it} | docs securityhub/1.0/APIReference/API_UpdateStandardsControl.html
      securityhub:DisableImportFindingsForProduct on security-hub-product | stop the findings of {it} | docs securityhub/1.0/APIReference/API_DisableImportFindingsForProduct.html
      securityhub:DeleteMembers on security-hub | take member accounts out of {it} | docs securityhub/1.0/APIReference/API_DeleteMembers.html
      securityhub:DisassociateMembers on security-hub | take member accounts out of {it} | docs securityhub/1.0/APIReference/API_DisassociateMembers.html
      securityhub:DisassociateFromAdministratorAccount on security-hub | take {it} from its administrator account | docs securityhub/1.0/APIReference/API_DisassociateFromAdministratorAccount.html
      securityhub:DisableOrganizationAdminAccount on security-hub | take {it} from the administrator account of the organization | docs securityhub/1.0/APIReference/API_DisableOrganizationAdminAccount.html
      macie2:DisableMacie on none | switch off Macie | docs macie/latest/APIReference/macie.html
      inspector2:Disable on none | switch off Inspector | docs inspector/v2/APIReference/API_Disable.html
      detective:DeleteGraph on detective-graph | delete {it} | docs detective/latest/APIReference/API_DeleteGraph.html
      access-analyzer:DeleteAnalyzer on analyzer | delete {it} | docs access-analyzer/latest/APIReference/API_DeleteAnalyzer.html
      access-analyzer:CreateArchiveRule on archive-rule | archive new findings unseen by {it} | docs access-analyzer/latest/APIReference/API_CreateArchiveRule.html
      auditmanager:DeregisterAccount on none | switch off Audit Manager | docs audit-manager/latest/APIReference/API_DeregisterAccount.html
      securitylake:DeleteDataLake on data-lake | switch off {it} | docs security-lake/latest/APIReference/API_DeleteDataLake.html
      securitylake:DeleteAwsLogSource on data-lake | take a source of logs from {it} | docs security-lake/latest/APIReference/API_DeleteAwsLogSource.html
      ec2:DeleteFlowLogs on flow-log | delete {it} | docs AWSEC2/latest/APIReference/API_DeleteFlowLogs.html
      route53resolver:DeleteResolverQueryLogConfig on query-log-config | delete {it} | docs Route53/latest/APIReference/API_route53resolver_DeleteResolverQueryLogConfig.html
      route53resolver:DisassociateResolverQueryLogConfig on query-log-config | take networks out of {it} | docs Route53/latest/APIReference/API_route53resolver_DisassociateResolverQueryLogConfig.html
      route53:DeleteQueryLoggingConfig on dns-query-log | delete {it} | docs Route53/latest/APIReference/API_DeleteQueryLoggingConfig.html
      wafv2:DeleteLoggingConfiguration on web-acl | stop the logs of {it} | docs waf/latest/APIReference/API_DeleteLoggingConfiguration.html
      network-firewall:UpdateLoggingConfiguration on firewall | stop the logs of {it} | docs network-firewall/latest/APIReference/API_UpdateLoggingConfiguration.html
      s3:PutBucketLogging on bucket | stop the access logs of {it} | docs AmazonS3/latest/API/API_PutBucketLogging.html
      logs:DeleteLogGroup on log-group | delete {it} with its events | docs AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html
      logs:DeleteLogStream on log-stream | delete {it} with its events | docs AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html
      logs:DeleteDestination on log-destination | delete {it}, to which other accounts send logs | docs AmazonCloudWatchLogs/latest/APIReference/API_DeleteDestination.html
      organizations:DisableAWSServiceAccess on none | take the trail, GuardDuty or Security Hub of the organization out of its accounts | docs organizations/latest/APIReference/API_DisableAWSServiceAccess.html
      organizations:DeregisterDelegatedAdministrator on org-account | take the security services from {it} | docs organizations/latest/APIReference/API_DeregisterDelegatedAdministrator.html
      fms:DisassociateAdminAccount on none | take Firewall Manager from its administrator account | docs fms/2018-01-01/APIReference/API_DisassociateAdminAccount.html
    `,
    every: `
      logs:DeleteSubscriptionFilter on log-group | stop what reads {it} | docs AmazonCloudWatchLogs/latest/APIReference/API_DeleteSubscriptionFilter.html
      logs:DeleteMetricFilter on log-group | delete what alarms count in {it} | docs AmazonCloudWatchLogs/latest/APIReference/API_DeleteMetricFilter.html
      cloudwatch:DeleteAlarms on alarm | delete {it} | docs AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
      cloudwatch:DisableAlarmActions on alarm | silence {it} | docs AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html
      events:DisableRule on rule | switch off {it} | docs eventbridge/latest/APIReference/API_DisableRule.html
      events:DeleteRule on rule | delete {it} | docs eventbridge/latest/APIReference/API_DeleteRule.html
      events:RemoveTargets on rule | take the receivers from {it} | docs eventbridge/latest/APIReference/API_RemoveTargets.html
    `,
  },

  /** Nobody can restore it. https://attack.mitre.org/techniques/T1485/ */
  destroy: {
    any: `
      kms:ScheduleKeyDeletion on key | delete {it} and so whatever it encrypts | docs kms/latest/APIReference/API_ScheduleKeyDeletion.html
      kms:DisableKey on key | disable {it} and so whatever it encrypts | docs kms/latest/APIReference/API_DisableKey.html
      kms:DeleteImportedKeyMaterial on key | delete the material of {it} and so whatever it encrypts | docs kms/latest/APIReference/API_DeleteImportedKeyMaterial.html
      kms:DeleteCustomKeyStore on none | delete key stores | docs kms/latest/APIReference/API_DeleteCustomKeyStore.html
      kms:DisconnectCustomKeyStore on none | disconnect key stores and so whatever their keys encrypt | docs kms/latest/APIReference/API_DisconnectCustomKeyStore.html
      cloudhsm:DeleteCluster on hsm-cluster | delete {it} with its keys | docs cloudhsm/latest/APIReference/API_DeleteCluster.html
      cloudhsm:DeleteBackup on hsm-backup | delete {it} | docs cloudhsm/latest/APIReference/API_DeleteBackup.html
      payment-cryptography:DeleteKey on payment-key | delete {it} | docs payment-cryptography/latest/APIReference/API_DeleteKey.html
      acm-pca:DeleteCertificateAuthority on certificate-authority | delete {it} | docs privateca/latest/APIReference/API_DeleteCertificateAuthority.html
      backup:DeleteRecoveryPoint on recovery-point | delete {it} | docs aws-backup/latest/devguide/API_DeleteRecoveryPoint.html
      backup:DeleteRecoveryPoint on disk-snapshot | delete {it} | docs aws-backup/latest/devguide/API_DeleteRecoveryPoint.html
      backup:DisassociateRecoveryPoint on recovery-point | take {it} out of AWS Backup | docs aws-backup/latest/devguide/API_DisassociateRecoveryPoint.html
      backup:UpdateRecoveryPointLifecycle on recovery-point | let {it} expire | docs aws-backup/latest/devguide/API_UpdateRecoveryPointLifecycle.html
      backup:DeleteBackupVault on backup-vault | delete {it} | docs aws-backup/latest/devguide/API_DeleteBackupVault.html
      backup:DeleteBackupVaultLockConfiguration on backup-vault | remove the lock of {it} | docs aws-backup/latest/devguide/API_DeleteBackupVaultLockConfiguration.html
      backup:DeleteBackupVaultAccessPolicy on backup-vault | remove the policy that protects {it} | docs aws-backup/latest/devguide/API_DeleteBackupVaultAccessPolicy.html
      backup:DeleteBackupPlan on backup-plan | stop the backups of {it} | docs aws-backup/latest/devguide/API_DeleteBackupPlan.html
      backup:DeleteBackupSelection on backup-plan | take resources out of {it} | docs aws-backup/latest/devguide/API_DeleteBackupSelection.html
      s3:BypassGovernanceRetention on object | delete what Object Lock keeps in {it} | docs AmazonS3/latest/userguide/object-lock.html
      organizations:CloseAccount on org-account | close {it} | docs organizations/latest/APIReference/API_CloseAccount.html
      organizations:DeleteOrganization on none | delete the organization | docs organizations/latest/APIReference/API_DeleteOrganization.html
      account:CloseAccount on none | close the account | docs accounts/latest/reference/manage-acct-closing.html
      account:DisableRegion on none | disable Regions of the account, with what is in them | docs accounts/latest/reference/API_DisableRegion.html
    `,
    every: `
      s3:DeleteBucket on bucket | delete {it} | docs AmazonS3/latest/API/API_DeleteBucket.html
      s3:DeleteObject on object | delete objects in {it} | docs AmazonS3/latest/API/API_DeleteObject.html
      s3:DeleteObjectVersion on object | delete objects for good in {it} | docs AmazonS3/latest/API/API_DeleteObject.html
      s3:PutLifecycleConfiguration on bucket | let the objects of {it} expire | docs AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
      s3:PutBucketVersioning on bucket | switch off the versions of {it} | docs AmazonS3/latest/API/API_PutBucketVersioning.html
      glacier:DeleteVault on glacier-vault | delete {it} | docs amazonglacier/latest/dev/api-vault-delete.html
      glacier:DeleteArchive on glacier-vault | delete archives of {it} | docs amazonglacier/latest/dev/api-archive-delete.html
      dynamodb:DeleteTable on table | delete {it} | docs amazondynamodb/latest/APIReference/API_DeleteTable.html
      dynamodb:DeleteItem on table | delete items of {it} | docs amazondynamodb/latest/APIReference/API_DeleteItem.html
      dynamodb:DeleteBackup on table-backup | delete {it} | docs amazondynamodb/latest/APIReference/API_DeleteBackup.html
      dynamodb:UpdateContinuousBackups on table | switch off the backups of {it} | docs amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
      rds:DeleteDBInstance on database | delete {it} | docs AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
      rds:DeleteDBCluster on database-cluster | delete {it} | docs AmazonRDS/latest/APIReference/API_DeleteDBCluster.html
      rds:DeleteDBSnapshot on database-snapshot | delete {it} | docs AmazonRDS/latest/APIReference/API_DeleteDBSnapshot.html
      rds:DeleteDBClusterSnapshot on database-cluster-snapshot | delete {it} | docs AmazonRDS/latest/APIReference/API_DeleteDBClusterSnapshot.html
      rds:DeleteDBInstanceAutomatedBackup on database-backup | delete {it} | docs AmazonRDS/latest/APIReference/API_DeleteDBInstanceAutomatedBackup.html
      rds:DeleteDBClusterAutomatedBackup on database-cluster-backup | delete {it} | docs AmazonRDS/latest/APIReference/API_DeleteDBClusterAutomatedBackup.html
      rds:DeleteGlobalCluster on global-database | delete {it} | docs AmazonRDS/latest/APIReference/API_DeleteGlobalCluster.html
      redshift:DeleteCluster on redshift-cluster | delete {it} | docs redshift/latest/APIReference/API_DeleteCluster.html
      redshift:DeleteClusterSnapshot on redshift-snapshot | delete {it} | docs redshift/latest/APIReference/API_DeleteClusterSnapshot.html
      redshift-serverless:DeleteNamespace on redshift-namespace | delete {it} | docs redshift-serverless/latest/APIReference/API_DeleteNamespace.html
      elasticache:DeleteReplicationGroup on replication-group | delete {it} | docs AmazonElastiCache/latest/APIReference/API_DeleteReplicationGroup.html
      elasticache:DeleteSnapshot on cache-snapshot | delete {it} | docs AmazonElastiCache/latest/APIReference/API_DeleteSnapshot.html
      memorydb:DeleteCluster on memorydb-cluster | delete {it} | docs memorydb/latest/APIReference/API_DeleteCluster.html
      dsql:DeleteCluster on dsql-cluster | delete {it} | docs aurora-dsql/latest/APIReference/API_DeleteCluster.html
      es:DeleteDomain on search-domain | delete {it} | docs opensearch-service/latest/APIReference/API_DeleteDomain.html
      kinesis:DeleteStream on stream | delete {it} | docs kinesis/latest/APIReference/API_DeleteStream.html
      kafka:DeleteCluster on kafka-cluster | delete {it} | docs msk/1.0/apireference/clusters-clusterarn.html
      sqs:DeleteQueue on queue | delete {it} with its messages | docs AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
      sqs:PurgeQueue on queue | delete all messages of {it} | docs AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
      ec2:TerminateInstances on instance | terminate {it} | docs AWSEC2/latest/APIReference/API_TerminateInstances.html
      ec2:DeleteVolume on volume | delete {it} | docs AWSEC2/latest/APIReference/API_DeleteVolume.html
      ec2:DeleteSnapshot on disk-snapshot | delete {it} | docs AWSEC2/latest/APIReference/API_DeleteSnapshot.html
      ec2:DeregisterImage on machine-image | deregister {it} | docs AWSEC2/latest/APIReference/API_DeregisterImage.html
      elasticfilesystem:DeleteFileSystem on file-system | delete {it} | docs efs/latest/ug/API_DeleteFileSystem.html
      fsx:DeleteFileSystem on fsx-file-system | delete {it} | docs fsx/latest/APIReference/API_DeleteFileSystem.html
      fsx:DeleteBackup on fsx-backup | delete {it} | docs fsx/latest/APIReference/API_DeleteBackup.html
      ecr:DeleteRepository on ecr-repository | delete {it} with its images | docs AmazonECR/latest/APIReference/API_DeleteRepository.html
      eks:DeleteCluster on eks-cluster | delete {it} | docs eks/latest/APIReference/API_DeleteCluster.html
      ecs:DeleteCluster on cluster | delete {it} | docs AmazonECS/latest/APIReference/API_DeleteCluster.html
      lambda:DeleteFunction on function | delete {it} | docs lambda/latest/api/API_DeleteFunction.html
      cloudformation:DeleteStack on stack | delete {it} with its resources | docs AWSCloudFormation/latest/APIReference/API_DeleteStack.html
      route53:DeleteHostedZone on hosted-zone | delete {it} | docs Route53/latest/APIReference/API_DeleteHostedZone.html
      secretsmanager:DeleteSecret on secret | delete {it} | docs secretsmanager/latest/apireference/API_DeleteSecret.html
      ssm:DeleteParameter on parameter | delete {it} | docs systems-manager/latest/APIReference/API_DeleteParameter.html
      ssm:DeleteParameters on parameter | delete {it} | docs systems-manager/latest/APIReference/API_DeleteParameters.html
      cognito-idp:DeleteUserPool on user-pool | delete {it} with its users | docs cognito-user-identity-pools/latest/APIReference/API_DeleteUserPool.html
      iam:DeleteRole on role | delete {it} | docs IAM/latest/APIReference/API_DeleteRole.html
      iam:DeleteUser on user | delete {it} | docs IAM/latest/APIReference/API_DeleteUser.html
    `,
  },
} as const
