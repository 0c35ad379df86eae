/**
 * Which call CloudFormation makes to create a resource that takes a role: it tells which service receives the role. A type
 * that is not here leaves that open.
 */
import type { Call } from '../denial/passed-service/passed-service.ts'

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

export function callOfResource(type: string | null): Call {
  const call = type !== null && Object.hasOwn(CREATING_CALLS, type) ? CREATING_CALLS[type] : undefined
  return call === undefined
    ? { eventSource: null, eventName: null }
    : { eventSource: `${call[0]}.amazonaws.com`, eventName: call[1] }
}
