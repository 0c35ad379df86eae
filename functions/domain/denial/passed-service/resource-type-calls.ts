/**
 * The call that CloudFormation makes to create a resource with a role. It identifies the service that receives the role.
 */
import type { ApiCall } from './passed-service.ts'

export const CREATING_CALLS: { readonly [type: string]: readonly [source: string, name: string] } = {
  'AWS::AppRunner::Service': ['apprunner', 'CreateService'],
  'AWS::AppSync::DataSource': ['appsync', 'CreateDataSource'],
  'AWS::AutoScaling::AutoScalingGroup': ['autoscaling', 'CreateAutoScalingGroup'],
  'AWS::Backup::BackupSelection': ['backup', 'CreateBackupSelection'],
  'AWS::Batch::ComputeEnvironment': ['batch', 'CreateComputeEnvironment'],
  'AWS::Batch::JobDefinition': ['batch', 'RegisterJobDefinition'],
  'AWS::CloudTrail::Trail': ['cloudtrail', 'CreateTrail'],
  'AWS::CodeBuild::Project': ['codebuild', 'CreateProject'],
  'AWS::CodeDeploy::DeploymentGroup': ['codedeploy', 'CreateDeploymentGroup'],
  'AWS::CodePipeline::Pipeline': ['codepipeline', 'CreatePipeline'],
  'AWS::Config::ConfigurationRecorder': ['config', 'PutConfigurationRecorder'],
  'AWS::EC2::FlowLog': ['ec2', 'CreateFlowLogs'],
  'AWS::EC2::Instance': ['ec2', 'RunInstances'],
  'AWS::ECS::Service': ['ecs', 'CreateService'],
  'AWS::ECS::TaskDefinition': ['ecs', 'RegisterTaskDefinition'],
  'AWS::EKS::Cluster': ['eks', 'CreateCluster'],
  'AWS::EKS::FargateProfile': ['eks', 'CreateFargateProfile'],
  'AWS::EKS::Nodegroup': ['eks', 'CreateNodegroup'],
  'AWS::EMR::Cluster': ['elasticmapreduce', 'RunJobFlow'],
  'AWS::Events::Rule': ['events', 'PutTargets'],
  'AWS::Glue::Crawler': ['glue', 'CreateCrawler'],
  'AWS::Glue::Job': ['glue', 'CreateJob'],
  'AWS::IoT::TopicRule': ['iot', 'CreateTopicRule'],
  'AWS::KinesisFirehose::DeliveryStream': ['firehose', 'CreateDeliveryStream'],
  'AWS::Lambda::Function': ['lambda', 'CreateFunction20150331'],
  'AWS::Logs::SubscriptionFilter': ['logs', 'PutSubscriptionFilter'],
  'AWS::MWAA::Environment': ['airflow', 'CreateEnvironment'],
  'AWS::Pipes::Pipe': ['pipes', 'CreatePipe'],
  'AWS::RDS::DBInstance': ['rds', 'CreateDBInstance'],
  'AWS::RDS::DBProxy': ['rds', 'CreateDBProxy'],
  'AWS::Redshift::Cluster': ['redshift', 'CreateCluster'],
  'AWS::SageMaker::Model': ['sagemaker', 'CreateModel'],
  'AWS::SageMaker::NotebookInstance': ['sagemaker', 'CreateNotebookInstance'],
  'AWS::Scheduler::Schedule': ['scheduler', 'CreateSchedule'],
  'AWS::StepFunctions::StateMachine': ['states', 'CreateStateMachine'],
  'AWS::Transfer::Server': ['transfer', 'CreateServer'],
}

export function callOfResource(type: string | null): ApiCall {
  const call = type !== null && Object.hasOwn(CREATING_CALLS, type) ? CREATING_CALLS[type] : undefined
  return call === undefined
    ? { eventSource: null, eventName: null }
    : { eventSource: `${call[0]}.amazonaws.com`, eventName: call[1] }
}

/** Terraform's names for the same types. */
const TERRAFORM_TYPES: { readonly [type: string]: string } = {
  aws_apprunner_service: 'AWS::AppRunner::Service',
  aws_appsync_datasource: 'AWS::AppSync::DataSource',
  aws_autoscaling_group: 'AWS::AutoScaling::AutoScalingGroup',
  aws_backup_selection: 'AWS::Backup::BackupSelection',
  aws_batch_compute_environment: 'AWS::Batch::ComputeEnvironment',
  aws_batch_job_definition: 'AWS::Batch::JobDefinition',
  aws_cloudtrail: 'AWS::CloudTrail::Trail',
  aws_cloudwatch_event_target: 'AWS::Events::Rule',
  aws_cloudwatch_log_subscription_filter: 'AWS::Logs::SubscriptionFilter',
  aws_codebuild_project: 'AWS::CodeBuild::Project',
  aws_codedeploy_deployment_group: 'AWS::CodeDeploy::DeploymentGroup',
  aws_codepipeline: 'AWS::CodePipeline::Pipeline',
  aws_config_configuration_recorder: 'AWS::Config::ConfigurationRecorder',
  aws_db_instance: 'AWS::RDS::DBInstance',
  aws_db_proxy: 'AWS::RDS::DBProxy',
  aws_ecs_service: 'AWS::ECS::Service',
  aws_ecs_task_definition: 'AWS::ECS::TaskDefinition',
  aws_eks_cluster: 'AWS::EKS::Cluster',
  aws_eks_fargate_profile: 'AWS::EKS::FargateProfile',
  aws_eks_node_group: 'AWS::EKS::Nodegroup',
  aws_emr_cluster: 'AWS::EMR::Cluster',
  aws_flow_log: 'AWS::EC2::FlowLog',
  aws_glue_crawler: 'AWS::Glue::Crawler',
  aws_glue_job: 'AWS::Glue::Job',
  aws_instance: 'AWS::EC2::Instance',
  aws_iot_topic_rule: 'AWS::IoT::TopicRule',
  aws_kinesis_firehose_delivery_stream: 'AWS::KinesisFirehose::DeliveryStream',
  aws_lambda_function: 'AWS::Lambda::Function',
  aws_mwaa_environment: 'AWS::MWAA::Environment',
  aws_pipes_pipe: 'AWS::Pipes::Pipe',
  aws_redshift_cluster: 'AWS::Redshift::Cluster',
  aws_sagemaker_model: 'AWS::SageMaker::Model',
  aws_sagemaker_notebook_instance: 'AWS::SageMaker::NotebookInstance',
  aws_scheduler_schedule: 'AWS::Scheduler::Schedule',
  aws_sfn_state_machine: 'AWS::StepFunctions::StateMachine',
  aws_transfer_server: 'AWS::Transfer::Server',
}

/** The call that Terraform makes to create a resource of this type; null if it is not known to pass a role. */
export function callOfTerraform(type: string): ApiCall | null {
  const call = callOfResource(Object.hasOwn(TERRAFORM_TYPES, type) ? (TERRAFORM_TYPES[type] ?? null) : null)
  return call.eventName === null ? null : call
}
