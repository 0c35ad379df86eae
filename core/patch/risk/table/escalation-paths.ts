/**
 * Known paths to administrator access, one per line:
 *
 * id | gain | needs | description, after "may" | source
 *
 * Ids are those of pathfinding.cloud if it has the path. `escalation-path.ts` explains the gains. Services are written without
 * `.amazonaws.com`. `as` is the value of `iam:PassedToService` if it differs (`?`: AWS publishes none). Needs are actions, each
 * on a kind of resource (`resource-kinds.ts`) or on several kinds that AWS checks together.
 *
 * A principal that may write what others run, such as an image or a file of the CDK, may become them (`influences`, `deploys`).
 * The table omits other objects and the artifacts of a pipeline, which every build writes.
 */
import type { Category } from './escalation-path.ts'

export const ESCALATION_PATHS: { readonly [category in Category]: string } = {
  /** The holder grants permissions to itself. */
  'self-escalation': `
    iam-001 | rewrites | iam:CreatePolicyVersion on policy | write a new version of {it} | pathfinding
    iam-set-default-policy-version | rewrites | iam:SetDefaultPolicyVersion on policy | put an older version of {it} in force | hacktricks aws-iam
    iam-005 | rewrites | iam:PutRolePolicy on role | write inline policies of {it} | pathfinding
    iam-007 | rewrites | iam:PutUserPolicy on user | write inline policies of {it} | pathfinding
    iam-008 | rewrites | iam:AttachUserPolicy on user | attach any policy to {it} | pathfinding
    iam-009 | rewrites | iam:AttachRolePolicy on role | attach any policy to {it} | pathfinding
    iam-010 | rewrites | iam:AttachGroupPolicy on group | attach any policy to {it} | pathfinding
    iam-011 | rewrites | iam:PutGroupPolicy on group | write inline policies of {it} | pathfinding
    iam-013 | joins | iam:AddUserToGroup on group | add users to {it} | pathfinding
    iam-create-role-attach | administrator | iam:CreateRole on role + iam:AttachRolePolicy on role | create {it} that trusts it, with any policy | hacktricks aws-iam
    iam-create-role-put | administrator | iam:CreateRole on role + iam:PutRolePolicy on role | create {it} that trusts it, with any inline policy | hacktricks aws-iam
  `,

  /** The holder takes over an existing user, group or role. */
  'principal-access': `
    iam-002 | becomes | iam:CreateAccessKey on user | create an access key of {it} | pathfinding
    iam-003 | becomes | iam:CreateAccessKey on user + iam:DeleteAccessKey on user | replace an access key of {it} | pathfinding
    iam-update-access-key | becomes | iam:UpdateAccessKey on user | reactivate an access key of {it} | hacktricks aws-iam
    iam-004 | becomes | iam:CreateLoginProfile on user | give {it} a console password | pathfinding
    iam-006 | becomes | iam:UpdateLoginProfile on user | change the console password of {it} | pathfinding
    iam-service-specific-credential | becomes | iam:CreateServiceSpecificCredential on user | create a service credential of {it} | hacktricks aws-iam
    iam-reset-service-specific-credential | becomes | iam:ResetServiceSpecificCredential on user | reset a service credential of {it} | hacktricks aws-iam
    iam-upload-ssh-key | becomes | iam:UploadSSHPublicKey on user | add an SSH key to {it} | hacktricks aws-iam
    iam-upload-signing-certificate | becomes | iam:UploadSigningCertificate on user | add a signing certificate to {it} | docs IAM/latest/APIReference/API_UploadSigningCertificate.html
    iam-012 | becomes | iam:UpdateAssumeRolePolicy on role | change who may assume {it} | pathfinding
    iam-014 | rewrites | iam:AttachRolePolicy on role + sts:AssumeRole on role | attach any policy to {it} and assume it | pathfinding
    iam-015 | rewrites | iam:AttachUserPolicy on user + iam:CreateAccessKey on user | attach any policy to {it} and create its access key | pathfinding
    iam-016 | rewrites | iam:CreatePolicyVersion on policy + sts:AssumeRole on role | write a new version of {it} and assume a role that carries it | pathfinding
    iam-017 | rewrites | iam:PutRolePolicy on role + sts:AssumeRole on role | write inline policies of {it} and assume it | pathfinding
    iam-018 | rewrites | iam:PutUserPolicy on user + iam:CreateAccessKey on user | write inline policies of {it} and create its access key | pathfinding
    iam-019 | rewrites | iam:AttachRolePolicy on role + iam:UpdateAssumeRolePolicy on role | attach any policy to {it} and change who may assume it | pathfinding
    iam-020 | rewrites | iam:CreatePolicyVersion on policy + iam:UpdateAssumeRolePolicy on role | write a new version of {it} and change who may assume a role that carries it | pathfinding
    iam-021 | rewrites | iam:PutRolePolicy on role + iam:UpdateAssumeRolePolicy on role | write inline policies of {it} and change who may assume it | pathfinding
    iam-update-account-email | administrator | iam:UpdateAccountEmailAddress on none | change the e-mail address of the account root user | authorization awsidentityandaccessmanagementiam
    sts-001 | assumes | sts:AssumeRole on role | assume {it} | pathfinding
  `,

  /** `iam:PassRole`, and something new or changed that runs with the role. */
  'new-passrole': `
    apprunner-001 | passes tasks.apprunner as bullet tasks.apprunner | apprunner:CreateService on apprunner-service | run an App Runner service with {role} | pathfinding
    apprunner-update-role | passes tasks.apprunner as bullet tasks.apprunner | apprunner:UpdateService on apprunner-service | give {it} {role} | authorization awsapprunner
    bedrock-001 | passes bedrock-agentcore | bedrock-agentcore:CreateCodeInterpreter on none + bedrock-agentcore:StartCodeInterpreterSession on code-interpreter + bedrock-agentcore:InvokeCodeInterpreter on code-interpreter | run code in an AgentCore code interpreter with {role} | pathfinding
    bedrock-003 | passes bedrock-agentcore | bedrock-agentcore:CreateAgentRuntime on none + bedrock-agentcore:CreateAgentRuntimeEndpoint on agent-runtime + bedrock-agentcore:CreateWorkloadIdentity on workload-identity + bedrock-agentcore:InvokeAgentRuntimeCommand on agent-runtime | run commands in an AgentCore runtime with {role} | pathfinding
    bedrock-005 | passes bedrock-agentcore | bedrock-agentcore:CreateHarness on none + bedrock-agentcore:CreateAgentRuntime on none + bedrock-agentcore:CreateAgentRuntimeEndpoint on agent-runtime + bedrock-agentcore:CreateWorkloadIdentity on workload-identity + bedrock-agentcore:InvokeAgentRuntimeCommand on agent-runtime | run commands in an AgentCore harness with {role} | pathfinding
    bedrock-006 | passes bedrock-agentcore | bedrock-agentcore:CreateBrowser on none + bedrock-agentcore:StartBrowserSession on agent-browser + bedrock-agentcore:ConnectBrowserAutomationStream on none | drive an AgentCore browser with {role} | pathfinding
    bedrock-update-agent-runtime | passes bedrock-agentcore | bedrock-agentcore:UpdateAgentRuntime on agent-runtime | run other code in {it} with {role} | docs bedrock-agentcore-control/latest/APIReference/API_UpdateAgentRuntime.html
    cloudformation-001 | passes cloudformation | cloudformation:CreateStack on stack | create a CloudFormation stack with {role} | pathfinding
    cloudformation-update-stack-role | passes cloudformation | cloudformation:UpdateStack on stack | update {it} with {role} | hacktricks aws-cloudformation
    cloudformation-change-set-role | passes cloudformation | cloudformation:CreateChangeSet on stack + cloudformation:ExecuteChangeSet on stack | change {it} with {role} | hacktricks aws-cloudformation
    cloudformation-003 | passes cloudformation | cloudformation:CreateStackSet on none + cloudformation:CreateStackInstances on stack-set | deploy a StackSet with {role} | pathfinding
    cloudformation-004 | passes cloudformation | cloudformation:UpdateStackSet on stack-set | update {it} with {role} | pathfinding
    cloudformation-resource | passes cloudformation cloudcontrolapi | cloudformation:CreateResource on none | create any resource through Cloud Control with {role} | authorization awscloudcontrolapi
    codebuild-001 | passes codebuild | codebuild:CreateProject on project + codebuild:StartBuild on project | run a CodeBuild project with {role} | pathfinding
    codebuild-004 | passes codebuild | codebuild:CreateProject on project + codebuild:StartBuildBatch on project | run a CodeBuild batch with {role} | pathfinding
    codebuild-update-project-role | passes codebuild | codebuild:UpdateProject on project + codebuild:StartBuild on project | start {it} with {role} | hacktricks aws-codebuild
    codebuild-service-role-override | passes codebuild | codebuild:StartBuild on project | start {it} with {role} instead of its own role | docs codebuild/latest/APIReference/API_StartBuild.html
    codepipeline-create | passes codepipeline cloudformation as codepipeline codebuild cloudformation | codepipeline:CreatePipeline on pipeline | create a pipeline with {role} | hacktricks aws-codepipeline
    codepipeline-update-role | passes codepipeline cloudformation as codepipeline codebuild cloudformation | codepipeline:UpdatePipeline on pipeline | give {it} other commands and {role} | hacktricks aws-codepipeline
    datapipeline-001 | passes datapipeline elasticmapreduce as datapipeline ec2 elasticmapreduce | datapipeline:CreatePipeline on none + datapipeline:PutPipelineDefinition on data-pipeline + datapipeline:ActivatePipeline on data-pipeline | run a data pipeline with {role} | pathfinding
    ec2-001 | passes ec2 | ec2:RunInstances on instance | start an EC2 instance with {role} | pathfinding
    ec2-003 | passes ec2 | ec2:RequestSpotInstances on spot-request | request a Spot instance with {role} | pathfinding
    ec2-spot-fleet | passes ec2 | ec2:RequestSpotFleet on spot-fleet | request a Spot fleet with {role} | authorization amazonec2
    ec2-launch-template-fleet | passes ec2 | ec2:CreateLaunchTemplate on launch-template + ec2:CreateFleet on ec2-fleet | start an EC2 fleet with {role} | authorization amazonec2
    ec2-associate-instance-profile | passes ec2 | ec2:AssociateIamInstanceProfile on instance | give {it} {role} | hacktricks aws-ec2
    ec2-replace-instance-profile | passes ec2 | ec2:ReplaceIamInstanceProfileAssociation on instance | give {it} {role} | hacktricks aws-ec2
    autoscaling-launch-configuration | passes ec2 | autoscaling:CreateLaunchConfiguration on launch-configuration + autoscaling:CreateAutoScalingGroup on auto-scaling-group | start an Auto Scaling group with {role} | hacktricks aws-ec2
    autoscaling-update-launch-configuration | passes ec2 | autoscaling:CreateLaunchConfiguration on launch-configuration + autoscaling:UpdateAutoScalingGroup on auto-scaling-group | give instances of {it} {role} | hacktricks aws-ec2
    autoscaling-launch-template | passes ec2 | ec2:CreateLaunchTemplate on launch-template + autoscaling:CreateAutoScalingGroup on auto-scaling-group | start an Auto Scaling group with {role} | hacktricks aws-ec2
    imagebuilder-001 | passes ec2 | imagebuilder:CreateComponent on image-component + imagebuilder:CreateImageRecipe on image-recipe + imagebuilder:CreateInfrastructureConfiguration on image-infrastructure + imagebuilder:CreateImage on image | build an image on an instance with {role} | pathfinding
    ecs-001 | passes ecs-tasks | ecs:CreateCluster on cluster + ecs:RegisterTaskDefinition on task-definition + ecs:CreateService on service | run an ECS service in a cluster of its own with {role} | pathfinding
    ecs-002 | passes ecs-tasks | ecs:CreateCluster on cluster + ecs:RegisterTaskDefinition on task-definition + ecs:RunTask on task-definition | run an ECS task in a cluster of its own with {role} | pathfinding
    ecs-003 | passes ecs-tasks | ecs:RegisterTaskDefinition on task-definition + ecs:CreateService on service | run an ECS service with {role} | pathfinding
    ecs-004 | passes ecs-tasks | ecs:RegisterTaskDefinition on task-definition + ecs:RunTask on task-definition | run an ECS task with {role} | pathfinding
    ecs-005 | passes ecs-tasks | ecs:RegisterTaskDefinition on task-definition + ecs:StartTask on task-definition | start an ECS task with {role} | pathfinding
    ecs-007 | passes ecs-tasks | ecs:RegisterContainerInstance on cluster + ecs:StartTask on task-definition | start an ECS task on an instance of its own with {role} | pathfinding
    ecs-008 | passes ecs-tasks | ecs:RunTask on task-definition | run {it} with other commands and {role} | pathfinding
    ecs-009 | passes ecs-tasks | ecs:StartTask on task-definition | start {it} with other commands and {role} | pathfinding
    ecs-update-service-role | passes ecs-tasks | ecs:RegisterTaskDefinition on task-definition + ecs:UpdateService on service | replace the task of a service by one with {role} | hacktricks aws-ecs
    ecs-task-set | passes ecs-tasks | ecs:RegisterTaskDefinition on task-definition + ecs:CreateTaskSet on task-set | add tasks with {role} to a service | hacktricks aws-ecs
    ecs-express-service | passes ecs-tasks | ecs:CreateExpressGatewayService on service | run an ECS Express service with {role} | authorization amazonelasticcontainerservice
    ecs-daemon | passes ecs-tasks | ecs:RegisterDaemonTaskDefinition on daemon-task-definition + ecs:CreateDaemon on daemon | run an ECS daemon with {role} | authorization amazonelasticcontainerservice
    batch-001 | passes ecs-tasks | batch:RegisterJobDefinition on batch-job-definition + batch:SubmitJob on batch-queue | run a Batch job with {role} | pathfinding
    batch-003 | passes ecs-tasks | batch:CreateComputeEnvironment on batch-compute + batch:CreateJobQueue on batch-queue + batch:RegisterJobDefinition on batch-job-definition + batch:SubmitJob on batch-queue | run a Batch job in a queue of its own with {role} | pathfinding
    eks-pod-identity | passes pods.eks | eks:CreatePodIdentityAssociation on eks-cluster | give pods of {it} {role} | docs eks/latest/userguide/pod-id-association.html
    eks-update-pod-identity | passes pods.eks | eks:UpdatePodIdentityAssociation on pod-identity-association | give pods of {it} {role} | docs eks/latest/APIReference/API_UpdatePodIdentityAssociation.html
    eks-node-group | passes ec2 as eks | eks:CreateNodegroup on eks-cluster | add nodes with {role} to {it} | docs eks/latest/APIReference/API_CreateNodegroup.html
    eks-fargate-profile | passes eks-fargate-pods as eks | eks:CreateFargateProfile on eks-cluster | run pods of {it} with {role} | docs eks/latest/APIReference/API_CreateFargateProfile.html
    eks-capability | passes capabilities.eks as eks capabilities.eks | eks:CreateCapability on eks-cluster | add a capability with {role} to {it} | docs eks/latest/APIReference/API_CreateCapability.html
    emr-001 | passes ec2 elasticmapreduce | elasticmapreduce:RunJobFlow on none | start an EMR cluster with {role} | pathfinding
    emrserverless-001 | passes emr-serverless | emr-serverless:CreateApplication on none + emr-serverless:StartJobRun on emr-application | run an EMR Serverless job with {role} | pathfinding
    emrserverless-job-run | passes emr-serverless | emr-serverless:StartJobRun on emr-application | run a job of {it} with {role} | authorization amazonemrserverless
    gamelift-001 | passes gamelift | gamelift:CreateBuild on none + gamelift:RequestUploadCredentials on gamelift-build + gamelift:CreateFleet on none | run a GameLift fleet with {role} | pathfinding
    glue-001 | passes glue | glue:CreateDevEndpoint on none | create a Glue development endpoint with {role} | pathfinding
    glue-003 | passes glue | glue:CreateJob on glue-job + glue:StartJobRun on glue-job | run a Glue job with {role} | pathfinding
    glue-004 | passes glue | glue:CreateJob on glue-job + glue:CreateTrigger on glue-trigger | schedule a Glue job with {role} | pathfinding
    glue-005 | passes glue | glue:UpdateJob on glue-job + glue:StartJobRun on glue-job | run {it} with other code and {role} | pathfinding
    glue-006 | passes glue | glue:UpdateJob on glue-job + glue:CreateTrigger on glue-trigger | schedule {it} with other code and {role} | pathfinding
    glue-007 | passes glue | glue:CreateSession on glue-session + glue:RunStatement on glue-session | run code in a Glue session with {role} | pathfinding
    kinesisanalytics-001 | passes kinesisanalytics | kinesisanalytics:CreateApplication on none + kinesisanalytics:StartApplication on analytics-application | run a Managed Flink application with {role} | pathfinding
    lambda-001 | passes lambda | lambda:CreateFunction on function + lambda:InvokeFunction on function | run a Lambda function with {role} | pathfinding
    lambda-002 | passes lambda | lambda:CreateFunction on function + lambda:CreateEventSourceMapping on none | run a Lambda function with {role} on events | pathfinding
    lambda-006 | passes lambda | lambda:CreateFunction on function + lambda:AddPermission on function | let others run a Lambda function with {role} | pathfinding
    lambda-function-url | passes lambda | lambda:CreateFunction on function + lambda:CreateFunctionUrlConfig on function + lambda:InvokeFunctionUrl on function | run a Lambda function with {role} through a URL | hacktricks aws-lambda
    lambda-update-function-role | passes lambda | lambda:UpdateFunctionConfiguration on function + lambda:UpdateFunctionCode on function | give {it} other code and {role} | authorization awslambda
    lambda-microvm | passes lambda as ? | lambda:CreateMicrovmImage on none + lambda:RunMicrovm on microvm-image | run a Lambda MicroVM with {role} | authorization awslambda
    omics-001 | passes omics | omics:CreateWorkflow on none + omics:StartRun on omics-run | run a HealthOmics workflow with {role} | pathfinding
    braket-001 | passes braket as braket sagemaker | braket:CreateJob on braket-job | run a Braket job with {role} | pathfinding
    sagemaker-001 | passes sagemaker | sagemaker:CreateNotebookInstance on notebook-instance | create a notebook instance with {role} | pathfinding
    sagemaker-002 | passes sagemaker | sagemaker:CreateTrainingJob on training-job | run a training job with {role} | pathfinding
    sagemaker-003 | passes sagemaker | sagemaker:CreateProcessingJob on processing-job | run a processing job with {role} | pathfinding
    sagemaker-tuning-job | passes sagemaker | sagemaker:CreateHyperParameterTuningJob on tuning-job | run tuning jobs with {role} | hacktricks aws-sagemaker
    sagemaker-endpoint | passes sagemaker | sagemaker:CreateModel on model + sagemaker:CreateEndpointConfig on endpoint-config + sagemaker:CreateEndpoint on endpoint | run a model container with {role} | authorization amazonsagemaker
    sagemaker-transform-job | passes sagemaker | sagemaker:CreateModel on model + sagemaker:CreateTransformJob on transform-job | run a model container with {role} in a transform job | authorization amazonsagemaker
    sagemaker-pipeline | passes sagemaker | sagemaker:CreatePipeline on sagemaker-pipeline + sagemaker:StartPipelineExecution on sagemaker-pipeline | run a SageMaker pipeline with {role} | authorization amazonsagemaker
    sagemaker-user-profile | passes sagemaker | sagemaker:UpdateUserProfile on sagemaker-profile + sagemaker:CreateApp on sagemaker-app + sagemaker:CreatePresignedDomainUrl on sagemaker-profile | open Studio with {role} | hacktricks aws-sagemaker
    sagemaker-domain | passes sagemaker | sagemaker:UpdateDomain on sagemaker-domain + sagemaker:CreateUserProfile on sagemaker-profile + sagemaker:CreatePresignedDomainUrl on sagemaker-profile | open Studio with {role} as the default of its domain | hacktricks aws-sagemaker
    sagemaker-cluster | passes sagemaker | sagemaker:CreateCluster on sagemaker-cluster | start a HyperPod cluster with {role} | authorization amazonsagemaker
    stepfunctions-001 | passes states | states:CreateStateMachine on state-machine + states:StartExecution on state-machine | run a state machine with {role} | pathfinding
    stepfunctions-sync | passes states | states:CreateStateMachine on state-machine + states:StartSyncExecution on state-machine | run an express state machine with {role} | hacktricks aws-stepfunctions
    stepfunctions-test-state | passes states | states:TestState on none | test a state that calls any API with {role} | hacktricks aws-stepfunctions
    scheduler-001 | passes scheduler | scheduler:CreateSchedule on schedule | schedule any API call with {role} | pathfinding
    scheduler-update | passes scheduler | scheduler:UpdateSchedule on schedule | change {it} to any API call with {role} | hacktricks eventbridgescheduler
    events-targets | passes events | events:PutRule on rule + events:PutTargets on rule | start other services on events with {role} | authorization amazoneventbridge
    pipes-create | passes pipes | pipes:CreatePipe on pipe | start other services through a pipe with {role} | authorization amazoneventbridgepipes
    ssm-003 | passes ssm | ssm:CreateDocument on document + ssm:StartAutomationExecution on automation-definition | run a runbook of its own with {role} | pathfinding
    ssm-start-automation-role | passes ssm | ssm:StartAutomationExecution on automation-definition | run {it} with {role} | authorization awssystemsmanager
    ssm-change-request | passes ssm | ssm:StartChangeRequestExecution on automation-definition | run {it} as a change request with {role} | authorization awssystemsmanager
    ssm-maintenance-window | passes ssm | ssm:RegisterTaskWithMaintenanceWindow on maintenance-window | add a task with {role} to {it} | hacktricks aws-ssm
    ssm-activation | passes ssm | ssm:CreateActivation on none | register a machine of its own with {role} | docs systems-manager/latest/APIReference/API_CreateActivation.html
    ssm-managed-instance-role | passes ssm | ssm:UpdateManagedInstanceRole on managed-instance, role | give {it} {role} | docs systems-manager/latest/APIReference/API_UpdateManagedInstanceRole.html
    ssm-default-instance-role | passes ssm | ssm:UpdateServiceSetting on service-setting | give every instance {role} by default | docs systems-manager/latest/userguide/fleet-manager-default-host-management-configuration.html
    config-remediation | passes ssm | config:PutRemediationConfigurations on remediation + config:StartRemediationExecution on none | run a remediation runbook with {role} | authorization awsconfig
    ssm-incidents-response-plan | passes ssm-incidents | ssm-incidents:CreateResponsePlan on none + ssm-incidents:StartIncident on response-plan | run a runbook with {role} for an incident | authorization awssystemsmanagerincidentmanager
    fis-experiment | passes fis | fis:CreateExperimentTemplate on experiment-template + fis:StartExperiment on experiment-template, experiment | run a fault injection experiment with {role} | authorization awsfaultinjectionservice
    cognitoidentity-001 | passes cognito-identity as ? | cognito-identity:SetIdentityPoolRoles on none | hand out {role} to visitors of an identity pool | pathfinding
    cognito-idp-group-role | passes cognito-identity as ? | cognito-idp:CreateGroup on user-pool | give a group of {it} {role} | hacktricks aws-cognito
    cognito-idp-update-group-role | passes cognito-identity as ? | cognito-idp:UpdateGroup on user-pool | give a group of {it} {role} | hacktricks aws-cognito
    rolesanywhere-create | passes rolesanywhere | rolesanywhere:CreateTrustAnchor on none + rolesanywhere:CreateProfile on none | let holders of its own certificates become {role} | https://hackingthe.cloud/aws/post_exploitation/iam_roles_anywhere_persistence/
    rolesanywhere-update-profile | passes rolesanywhere | rolesanywhere:UpdateProfile on anywhere-profile | let certificates of {it} become {role} | authorization awsidentityandaccessmanagementrolesanywhere
    rolesanywhere-create-profile | passes rolesanywhere | rolesanywhere:CreateProfile on none | let holders of a certificate become {role} | docs rolesanywhere/latest/APIReference/API_CreateProfile.html
    rolesanywhere-enable-profile | passes rolesanywhere | rolesanywhere:EnableProfile on anywhere-profile | switch {it} on, with {role} | docs rolesanywhere/latest/APIReference/API_EnableProfile.html
    amplify-001 | passes amplify | amplify:CreateApp on none + amplify:CreateBranch on amplify-branch + amplify:StartJob on amplify-job | run an Amplify build with {role} | https://pathfinding.cloud/labs/
    elasticbeanstalk-create-environment | passes ec2 as ec2 elasticbeanstalk | elasticbeanstalk:CreateEnvironment on beanstalk-environment | start an Elastic Beanstalk environment with {role} | hacktricks aws-elastic-beanstalk
    airflow-create-environment | passes airflow airflow-env as airflow | airflow:CreateEnvironment on airflow-environment | start an Airflow environment with {role} | authorization amazonmanagedworkflowsforapacheairflow
    airflow-serverless-workflow | passes airflow-serverless | airflow-serverless:CreateWorkflow on none + airflow-serverless:StartWorkflowRun on airflow-workflow | run an Airflow workflow with {role} | authorization amazonmwaaserverless
    athena-spark | passes athena | athena:CreateWorkGroup on athena-workgroup + athena:StartSession on athena-workgroup + athena:StartCalculationExecution on athena-workgroup | run code in an Athena notebook with {role} | authorization amazonathena
    deadline-create-queue | passes deadline credentials.deadline as deadline | deadline:CreateQueue on deadline-queue + deadline:AssumeQueueRoleForUser on deadline-queue | take the credentials of {role} from a queue | authorization awsdeadlinecloud
    appstream-image-builder | passes appstream | appstream:CreateImageBuilder on appstream-builder + appstream:CreateImageBuilderStreamingURL on appstream-builder | open a desktop with {role} | authorization amazonappstream2.0
    appsync-data-source | passes appsync | appsync:CreateDataSource on none + appsync:CreateResolver on none | call any API through AppSync with {role} | authorization awsappsync
    apigateway-integration | passes apigateway | apigateway:PUT on integration | call any API through API Gateway with {role} | hacktricks aws-apigateway
    synthetics-canary | passes lambda as synthetics lambda | synthetics:CreateCanary on none + synthetics:StartCanary on canary | run a canary with {role} | authorization amazoncloudwatchsynthetics
    servicecatalog-launch-role | passes servicecatalog | servicecatalog:CreateProvisioningArtifact on product + servicecatalog:CreateConstraint on product + servicecatalog:ProvisionProduct on product | launch any template with {role} | authorization awsservicecatalog
    kafkaconnect-connector | passes kafkaconnect | kafkaconnect:CreateCustomPlugin on none + kafkaconnect:CreateConnector on none | run a connector of its own with {role} | authorization amazonmanagedstreamingforkafkaconnect
    iot-role-alias | passes credentials.iot as iot credentials.iot | iot:CreateRoleAlias on role-alias + iot:CreateKeysAndCertificate on none + iot:CreatePolicy on iot-policy + iot:AttachPolicy on iot-certificate | let a certificate of its own take the credentials of {role} | docs iot/latest/developerguide/authorizing-direct-aws.html
  `,

  /** The holder controls something that already runs with a role. */
  'existing-passrole': `
    iam-add-role-to-instance-profile | passes ec2 | iam:AddRoleToInstanceProfile on instance-profile | put {role} into {it}, which an EC2 instance may carry | hacktricks aws-ec2
    apprunner-002 | runs tasks.apprunner | apprunner:UpdateService on apprunner-service | run other code in {it} | pathfinding
    bedrock-002 | runs bedrock-agentcore | bedrock-agentcore:StartCodeInterpreterSession on code-interpreter + bedrock-agentcore:InvokeCodeInterpreter on code-interpreter | run code in {it} | pathfinding
    bedrock-invoke-code-interpreter | runs bedrock-agentcore | bedrock-agentcore:InvokeCodeInterpreter on code-interpreter | run code in an open session of {it} | hacktricks aws-bedrock
    bedrock-004 | runs bedrock-agentcore | bedrock-agentcore:InvokeAgentRuntimeCommand on agent-runtime | run commands in {it} | pathfinding
    bedrock-runtime-shell | runs bedrock-agentcore | bedrock-agentcore:InvokeAgentRuntimeCommandShell on agent-runtime | open a shell in {it} | authorization amazonbedrockagentcore
    bedrock-007 | runs bedrock-agentcore | bedrock-agentcore:StartBrowserSession on agent-browser + bedrock-agentcore:ConnectBrowserAutomationStream on none | drive {it} | pathfinding
    cloudformation-002 | runs cloudformation | cloudformation:UpdateStack on stack | update {it} | pathfinding
    cloudformation-005 | runs cloudformation | cloudformation:CreateChangeSet on stack + cloudformation:ExecuteChangeSet on stack | change {it} | pathfinding
    cloudformation-update-stack-set | runs cloudformation | cloudformation:UpdateStackSet on stack-set | update {it} | hacktricks aws-cloudformation
    codebuild-002 | runs codebuild | codebuild:StartBuild on project | start {it} with commands of its own | pathfinding
    codebuild-003 | runs codebuild | codebuild:StartBuildBatch on project | start a batch of {it} with commands of its own | pathfinding
    codebuild-update-project | runs codebuild | codebuild:UpdateProject on project | update {it} | hacktricks aws-codebuild
    codebuild-sandbox | runs codebuild | codebuild:StartSandbox on project + codebuild:StartCommandExecution on sandbox | run commands in a sandbox of {it} | docs codebuild/latest/APIReference/API_StartCommandExecution.html
    codebuild-sandbox-connection | runs codebuild | codebuild:StartSandbox on project + codebuild:StartSandboxConnection on sandbox | connect to a sandbox of {it} | docs codebuild/latest/APIReference/API_StartSandboxConnection.html
    codepipeline-update | runs codepipeline | codepipeline:UpdatePipeline on pipeline + codepipeline:StartPipelineExecution on pipeline | give {it} other commands | hacktricks aws-codepipeline
    codepipeline-poll-for-jobs | influences codepipeline cloudformation | codepipeline:PollForJobs on action-type | take jobs of {it} with credentials for the artifacts that pipelines deploy | hacktricks aws-codepipeline
    codedeploy-001 | runs ec2 | codedeploy:CreateDeployment on deployment-group + codedeploy:RegisterApplicationRevision on codedeploy-application | run a revision of its own on the instances of {it} | pathfinding
    ec2-002 | runs ec2 | ec2:ModifyInstanceAttribute on instance + ec2:StopInstances on instance + ec2:StartInstances on instance | run a script at the next start of {it} | pathfinding
    ec2-004 | runs ec2 | ec2:CreateLaunchTemplateVersion on launch-template + ec2:ModifyLaunchTemplate on launch-template | run a script in instances of {it} | pathfinding
    ec2-replace-root-volume | runs ec2 | ec2:CreateReplaceRootVolumeTask on instance | replace the disk of {it} | https://cloud.hacktricks.wiki/en/pentesting-cloud/aws-security/aws-persistence/aws-ec2-replace-root-volume-persistence/index.html
    ec2instanceconnect-003 | runs ec2 | ec2-instance-connect:SendSSHPublicKey on instance | open an SSH session on {it} | pathfinding
    ec2instanceconnect-serial-console | runs ec2 | ec2-instance-connect:SendSerialConsoleSSHPublicKey on instance | open the serial console of {it} | hacktricks aws-ec2
    ssm-001 | runs ec2 | ssm:StartSession on instance | open a session on {it} | pathfinding
    ssm-resume-session | runs ec2 | ssm:ResumeSession on ssm-session | resume {it} | hacktricks aws-ssm
    ssm-002 | runs ec2 | ssm:SendCommand on instance, document | run commands on {it} | pathfinding
    ssm-create-association | runs ec2 | ssm:CreateAssociation on document | run {it} on instances | hacktricks aws-ssm
    ssm-update-association | runs ec2 | ssm:UpdateAssociation on association | run another document through {it} | authorization awssystemsmanager
    ssm-guiconnect | runs ec2 | ssm-guiconnect:StartConnection on none | open a desktop on any instance | docs systems-manager/latest/userguide/fleet-manager-remote-desktop-connections.html
    elasticbeanstalk-update-environment | runs ec2 | elasticbeanstalk:CreateApplicationVersion on beanstalk-version + elasticbeanstalk:UpdateEnvironment on beanstalk-environment | run code of its own in an Elastic Beanstalk environment | hacktricks aws-elastic-beanstalk
    ecs-006 | runs ecs-tasks | ecs:ExecuteCommand on task, cluster | run commands in {it} | pathfinding
    ecs-update-express-service | runs ecs-tasks | ecs:UpdateExpressGatewayService on service | run another image in {it} | authorization amazonelasticcontainerservice
    batch-002 | runs ecs-tasks | batch:SubmitJob on batch-job-definition | run {it} with other commands | pathfinding
    ssm-start-session-task | runs ecs-tasks | ssm:StartSession on task-of-session | open a session in {it} | hacktricks aws-ssm
    elasticmapreduce-steps | runs ec2 elasticmapreduce | elasticmapreduce:AddJobFlowSteps on emr-cluster | run steps on {it} | hacktricks aws-emr
    elasticmapreduce-session-credentials | runs ec2 elasticmapreduce | elasticmapreduce:GetClusterSessionCredentials on emr-cluster | open a session on {it} | authorization amazonelasticmapreduce
    emrcontainers-job-run | runs oidc.eks | emr-containers:StartJobRun on virtual-cluster | run a job on {it} with the role of any of its jobs | authorization amazonemroneksemrcontainers
    glue-002 | runs glue | glue:UpdateDevEndpoint on glue-endpoint | open an SSH session on {it} | pathfinding
    glue-update-job | runs glue | glue:UpdateJob on glue-job | run other code in {it} | hacktricks aws-glue
    glue-run-statement | runs glue | glue:RunStatement on glue-session | run code in {it} | authorization awsglue
    kinesisanalytics-update | runs kinesisanalytics | kinesisanalytics:UpdateApplication on analytics-application | run other code in {it} | authorization amazonkinesisanalytics
    lambda-003 | runs lambda | lambda:UpdateFunctionCode on function | update the code of {it} | pathfinding
    lambda-004 | runs lambda | lambda:UpdateFunctionCode on function + lambda:InvokeFunction on function | update the code of {it} and run it | pathfinding
    lambda-005 | runs lambda | lambda:UpdateFunctionCode on function + lambda:AddPermission on function | update the code of {it} and let others run it | pathfinding
    lambda-update-configuration | runs lambda | lambda:UpdateFunctionConfiguration on function | run a layer of its own in {it} | hacktricks aws-lambda
    lambda-microvm-shell | runs lambda | lambda:CreateMicrovmShellAuthToken on microvm-image | open a shell in {it} | authorization awslambda
    synthetics-update-canary | runs lambda | synthetics:UpdateCanary on canary | run other code in {it} | authorization amazoncloudwatchsynthetics
    sagemaker-004 | runs sagemaker | sagemaker:CreatePresignedNotebookInstanceUrl on notebook-instance | open {it} | pathfinding
    sagemaker-005 | runs sagemaker | sagemaker:CreateNotebookInstanceLifecycleConfig on notebook-lifecycle + sagemaker:StopNotebookInstance on notebook-instance + sagemaker:UpdateNotebookInstance on notebook-instance + sagemaker:StartNotebookInstance on notebook-instance | run a script at the next start of any notebook instance | pathfinding
    sagemaker-notebook-lifecycle | runs sagemaker | sagemaker:UpdateNotebookInstanceLifecycleConfig on notebook-lifecycle | change the script of {it} | authorization amazonsagemaker
    sagemaker-domain-url | runs sagemaker | sagemaker:CreatePresignedDomainUrl on sagemaker-profile | open Studio as {it} | hacktricks aws-sagemaker
    sagemaker-start-session | runs sagemaker | sagemaker:StartSession on sagemaker-space | connect to {it} | docs sagemaker/latest/APIReference/API_StartSession.html
    stepfunctions-002 | runs states | states:UpdateStateMachine on state-machine + states:StartExecution on state-machine | run {it} with other steps | pathfinding
    stepfunctions-update | runs states | states:UpdateStateMachine on state-machine | change the steps of {it} | hacktricks aws-stepfunctions
    ssm-start-session-node | runs ssm | ssm:StartSession on managed-instance | open a session on {it} | hacktricks aws-ssm
    ssm-send-command-node | runs ssm | ssm:SendCommand on managed-instance, document | run commands on {it} | hacktricks aws-ssm
    ssm-start-automation | runs ssm | ssm:StartAutomationExecution on automation-definition | run {it} with the role that it names | authorization awssystemsmanager
    ssm-update-document | runs ssm ec2 | ssm:UpdateDocument on document + ssm:UpdateDocumentDefaultVersion on document | change {it}, which others run | hacktricks aws-ssm
    amplify-update-app | runs amplify | amplify:UpdateApp on amplify-app + amplify:StartJob on amplify-job | build {it} with commands of its own | authorization awsamplify
    airflow-update-environment | runs airflow airflow-env | airflow:UpdateEnvironment on airflow-environment | run a startup script in {it} | docs mwaa/latest/userguide/using-startup-script.html
    athena-calculation | runs athena | athena:StartSession on athena-workgroup + athena:StartCalculationExecution on athena-workgroup | run code in {it} | authorization amazonathena
    deadline-queue-role | runs deadline credentials.deadline | deadline:AssumeQueueRoleForUser on deadline-queue | take the credentials of {it} | docs deadline-cloud/latest/APIReference/API_AssumeQueueRoleForUser.html
    appstream-streaming-url | runs appstream | appstream:CreateStreamingURL on appstream-fleet | open a desktop of {it} | authorization amazonappstream2.0
    servicecatalog-provision | runs servicecatalog | servicecatalog:CreateProvisioningArtifact on product + servicecatalog:ProvisionProduct on product | launch another template of {it} | docs servicecatalog/latest/adminguide/constraints-launch.html
    fis-update-experiment | runs fis | fis:UpdateExperimentTemplate on experiment-template + fis:StartExperiment on experiment-template | run {it} with other actions | authorization awsfaultinjectionservice
    greengrass-deployment | runs credentials.iot | greengrass:CreateComponentVersion on greengrass-component + greengrass:CreateDeployment on none | run a component of its own on Greengrass devices | docs greengrass/v2/developerguide/device-service-role.html
    eks-access-entry | runs pods.eks oidc.eks ec2 | eks:CreateAccessEntry on eks-cluster + eks:AssociateAccessPolicy on access-entry | make itself administrator of {it} | docs eks/latest/userguide/access-entries.html
    eks-associate-access-policy | runs pods.eks oidc.eks ec2 | eks:AssociateAccessPolicy on access-entry | make {it} administrator of its cluster | docs eks/latest/userguide/access-policies.html
    eks-update-access-entry | runs pods.eks oidc.eks ec2 | eks:UpdateAccessEntry on access-entry | put {it} into other groups of its cluster | docs eks/latest/APIReference/API_UpdateAccessEntry.html
    eks-identity-provider | runs pods.eks oidc.eks ec2 | eks:AssociateIdentityProviderConfig on eks-cluster | let its own identity provider into {it} | docs eks/latest/userguide/authenticate-oidc-identity-provider.html
    cognito-identity-update-pool | runs cognito-identity | cognito-identity:UpdateIdentityPool on identity-pool | let anybody into {it} | hacktricks aws-cognito
    cognito-identity-developer-token | influences cognito-identity | cognito-identity:GetOpenIdTokenForDeveloperIdentity on identity-pool | sign anybody in to {it} | docs cognitoidentity/latest/APIReference/API_GetOpenIdTokenForDeveloperIdentity.html
    cognito-idp-admin-create-user | influences cognito-identity | cognito-idp:AdminCreateUser on user-pool | create users of {it}, whom identity pools give roles | hacktricks aws-cognito
    cognito-idp-admin-set-password | influences cognito-identity | cognito-idp:AdminSetUserPassword on user-pool | set the password of any user of {it} | hacktricks aws-cognito
    cognito-idp-admin-add-to-group | influences cognito-identity | cognito-idp:AdminAddUserToGroup on user-pool | put users of {it} into a group, which has a role | hacktricks aws-cognito
    cognito-idp-admin-update-attributes | influences cognito-identity | cognito-idp:AdminUpdateUserAttributes on user-pool | change attributes of users of {it}, by which identity pools choose the role | hacktricks aws-cognito
    cognito-idp-create-identity-provider | influences cognito-identity | cognito-idp:CreateIdentityProvider on user-pool | let its own identity provider sign users in to {it} | hacktricks aws-cognito
    cognito-idp-update-identity-provider | influences cognito-identity | cognito-idp:UpdateIdentityProvider on user-pool | replace an identity provider of {it} | hacktricks aws-cognito
    cdk-assets | deploys | s3:PutObject on cdk-assets | replace templates and code in {it} | docs cdk/v2/guide/bootstrapping-env.html
    ecr-put-image | influences ecs-tasks lambda tasks.apprunner sagemaker bedrock-agentcore pods.eks oidc.eks | ecr:PutImage on ecr-repository | replace images in {it}, which others run | hacktricks aws-ecr
    ecr-set-repository-policy | influences ecs-tasks lambda tasks.apprunner sagemaker bedrock-agentcore pods.eks oidc.eks | ecr:SetRepositoryPolicy on ecr-repository | let anybody replace images in {it}, which others run | hacktricks aws-ecr
  `,

  /** Permission sets affect every account that they are assigned in. Users have the assignments of their groups. */
  'identity-center': `
    sso-001 | administrator | sso:CreatePermissionSet on permission-set, sso-instance + sso:AttachManagedPolicyToPermissionSet on permission-set, sso-instance + sso:CreateAccountAssignment on permission-set, sso-instance, sso-account | create a permission set with any policy and assign it in any account | pathfinding
    sso-create-account-assignment | administrator | sso:CreateAccountAssignment on permission-set, sso-instance, sso-account | assign {it} to anybody | hacktricks aws-sso-and-identitystore
    sso-002 | administrator | sso:AttachManagedPolicyToPermissionSet on permission-set, sso-instance | attach any AWS managed policy to {it} | pathfinding
    sso-003 | administrator | sso:PutInlinePolicyToPermissionSet on permission-set, sso-instance | write the inline policy of {it} | pathfinding
    sso-attach-customer-policy | administrator | sso:AttachCustomerManagedPolicyReferenceToPermissionSet on permission-set, sso-instance | attach any policy of the accounts to {it} | hacktricks aws-sso-and-identitystore
    sso-provision-permission-set | administrator | sso:ProvisionPermissionSet on permission-set, sso-instance, sso-account | bring changes of {it} into force in every account | docs singlesignon/latest/APIReference/API_ProvisionPermissionSet.html
    sso-associate-profile | administrator | sso:AssociateProfile on none | assign access in Identity Center to anybody | authorization awsiamidentitycenter
    identitystore-create-group-membership | administrator | identitystore:CreateGroupMembership on identity-store-group, identity-store-user, identity-store | add anybody to {it} | hacktricks aws-sso-and-identitystore
    identitystore-update-user | administrator | identitystore:UpdateUser on identity-store-user, identity-store | change the e-mail address that resets the password of {it} | docs singlesignon/latest/IdentityStoreAPIReference/API_UpdateUser.html
    sso-directory-update-password | administrator | sso-directory:UpdatePassword on none | set the password of any Identity Center user | hacktricks aws-sso-and-identitystore
    sso-directory-add-member | administrator | sso-directory:AddMemberToGroup on none | add anybody to any Identity Center group | authorization awsiamidentitycenterdirectory
    sso-directory-bearer-token | administrator | sso-directory:CreateBearerToken on none | create a token that provisions Identity Center users and groups | authorization awsiamidentitycenterdirectory
    sso-directory-external-idp | administrator | sso-directory:UpdateExternalIdPConfigurationForDirectory on none | replace the identity provider of Identity Center | authorization awsiamidentitycenterdirectory
    sso-directory-external-idp-certificate | administrator | sso-directory:ImportExternalIdPCertificate on none | add a certificate that signs anybody in to Identity Center | authorization awsiamidentitycenterdirectory
    ds-reset-user-password | administrator | ds:ResetUserPassword on directory | reset the password of any user of {it} | hacktricks aws-directory-services
    ds-data-add-group-member | administrator | ds-data:AddGroupMember on directory | add anybody to any group of {it} | docs directoryservicedata/latest/DirectoryServiceDataAPIReference/API_AddGroupMember.html
    sso-detach-managed-policy | unguards organization | sso:DetachManagedPolicyFromPermissionSet on permission-set, sso-instance | detach a policy that denies from {it} | hacktricks aws-sso-and-identitystore
    sso-detach-customer-policy | unguards organization | sso:DetachCustomerManagedPolicyReferenceFromPermissionSet on permission-set, sso-instance | detach a policy that denies from {it} | hacktricks aws-sso-and-identitystore
    sso-delete-inline-policy | unguards organization | sso:DeleteInlinePolicyFromPermissionSet on permission-set, sso-instance | delete an inline policy that denies from {it} | hacktricks aws-sso-and-identitystore
    sso-delete-boundary | unguards organization | sso:DeletePermissionsBoundaryFromPermissionSet on permission-set, sso-instance | remove the permissions boundary of {it} | hacktricks aws-sso-and-identitystore
    sso-put-boundary | unguards organization | sso:PutPermissionsBoundaryToPermissionSet on permission-set, sso-instance | replace the permissions boundary of {it} | docs singlesignon/latest/APIReference/API_PutPermissionsBoundaryToPermissionSet.html
    sso-access-control-attributes | unguards organization | sso:UpdateInstanceAccessControlAttributeConfiguration on sso-instance | change which attributes of people become session tags in {it} | docs singlesignon/latest/APIReference/API_UpdateInstanceAccessControlAttributeConfiguration.html
  `,

  /** From the management account or a delegated administrator into the other accounts. */
  organizations: `
    sts-assume-root | administrator | sts:AssumeRoot on root-user | act as the root user of member accounts | docs STS/latest/APIReference/API_AssumeRoot.html
    organizations-register-delegated-administrator | administrator | organizations:RegisterDelegatedAdministrator on org-account | make {it} an administrator of a service for the whole organization | docs organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html
    organizations-put-resource-policy | administrator | organizations:PutResourcePolicy on org-resource-policy | delegate the policies of the organization to anybody | docs organizations/latest/APIReference/API_PutResourcePolicy.html
    organizations-create-account | administrator | organizations:CreateAccount on none + sts:AssumeRole on role | create accounts of the organization and enter them as administrator | docs organizations/latest/userguide/orgs_manage_accounts_access.html
    organizations-invite-account | administrator | organizations:InviteAccountToOrganization on org-account | bring foreign accounts into the organization, which other policies trust | docs organizations/latest/APIReference/API_InviteAccountToOrganization.html
    organizations-accept-handshake | administrator | organizations:AcceptHandshake on handshake | put its account under another organization | docs organizations/latest/APIReference/API_AcceptHandshake.html
    iam-enable-root-sessions | administrator | iam:EnableOrganizationsRootSessions on none | open root sessions in every account of the organization | docs IAM/latest/APIReference/API_EnableOrganizationsRootSessions.html
    account-change-root-email | administrator | account:StartPrimaryEmailUpdate on account-in-organization + account:AcceptPrimaryEmailUpdate on account-in-organization | change the root e-mail address of {it} | docs accounts/latest/reference/API_StartPrimaryEmailUpdate.html
    cloudformation-service-managed-stack-set | administrator | cloudformation:CreateStackSet on none + cloudformation:CreateStackInstances on stack-set | deploy any template into every account of the organization | docs AWSCloudFormation/latest/UserGuide/stacksets-orgs-enable-trusted-access.html
    organizations-enable-service-access | unguards organization | organizations:EnableAWSServiceAccess on none | let services act in every account of the organization | docs organizations/latest/APIReference/API_EnableAWSServiceAccess.html
  `,

  /** A principal that controls an identity provider can become every role that trusts it. */
  federation: `
    iam-update-saml-provider | federates | iam:UpdateSAMLProvider on saml-provider | replace the metadata of {it} | hacktricks aws-iam
    iam-update-oidc-thumbprint | federates | iam:UpdateOpenIDConnectProviderThumbprint on oidc-provider | replace the thumbprint of {it} | hacktricks aws-iam
    iam-add-oidc-client-id | federates | iam:AddClientIDToOpenIDConnectProvider on oidc-provider | let tokens for other audiences in through {it} | docs IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html
    iam-recreate-oidc-provider | federates | iam:CreateOpenIDConnectProvider on oidc-provider | create {it}, which roles may already trust | https://hackingthe.cloud/aws/post_exploitation/iam_rogue_oidc_identity_provider/
    iam-recreate-saml-provider | federates | iam:CreateSAMLProvider on saml-provider | create {it}, which roles may already trust | docs IAM/latest/APIReference/API_CreateSAMLProvider.html
    iam-create-oidc-provider | administrator | iam:CreateOpenIDConnectProvider on oidc-provider + iam:UpdateAssumeRolePolicy on role | create an identity provider and let it into any role | https://hackingthe.cloud/aws/post_exploitation/iam_rogue_oidc_identity_provider/
    iam-create-saml-provider | administrator | iam:CreateSAMLProvider on saml-provider + iam:UpdateAssumeRolePolicy on role | create an identity provider and let it into any role | docs IAM/latest/APIReference/API_CreateSAMLProvider.html
    rolesanywhere-update-trust-anchor | federates rolesanywhere | rolesanywhere:UpdateTrustAnchor on trust-anchor | let its own certificates in through {it} | authorization awsidentityandaccessmanagementrolesanywhere
    rolesanywhere-create-trust-anchor | influences rolesanywhere | rolesanywhere:CreateTrustAnchor on none | let its own certificates in through every profile of Roles Anywhere | https://hackingthe.cloud/aws/post_exploitation/iam_roles_anywhere_persistence/
    acm-pca-issue-certificate | influences rolesanywhere | acm-pca:IssueCertificate on certificate-authority | issue certificates of {it}, which Roles Anywhere may trust | docs rolesanywhere/latest/userguide/trust-model.html
  `,

  /** Removing a limit grants what the limit prevented. */
  guard: `
    iam-deactivate-mfa | unguards mfa | iam:DeactivateMFADevice on user | switch off the MFA device of {it} | hacktricks aws-iam
    iam-resync-mfa | unguards mfa | iam:ResyncMFADevice on user | take over the MFA device of {it} | hacktricks aws-iam
    iam-enable-mfa | unguards mfa | iam:EnableMFADevice on user + iam:CreateVirtualMFADevice on mfa | give {it} an MFA device of its own choice | hacktricks aws-iam
    iam-022 | unguards boundary | iam:DeleteUserPermissionsBoundary on user | remove the permissions boundary of {it} | pathfinding
    iam-024 | unguards boundary | iam:PutUserPermissionsBoundary on user | replace the permissions boundary of {it} | pathfinding
    iam-023 | unguards boundary | iam:DeleteRolePermissionsBoundary on role + sts:AssumeRole on role | remove the permissions boundary of {it} and assume it | pathfinding
    iam-delete-role-boundary | unguards boundary | iam:DeleteRolePermissionsBoundary on role | remove the permissions boundary of {it} | docs IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html
    iam-put-role-boundary | unguards boundary | iam:PutRolePermissionsBoundary on role | replace the permissions boundary of {it} | docs IAM/latest/APIReference/API_PutRolePermissionsBoundary.html
    iam-025 | unguards deny | iam:DetachUserPolicy on user | detach a policy that denies from {it} | pathfinding
    iam-026 | unguards deny | iam:DeleteUserPolicy on user | delete an inline policy that denies from {it} | pathfinding
    iam-detach-role-policy | unguards deny | iam:DetachRolePolicy on role | detach a policy that denies from {it} | docs IAM/latest/APIReference/API_DetachRolePolicy.html
    iam-delete-role-policy | unguards deny | iam:DeleteRolePolicy on role | delete an inline policy that denies from {it} | docs IAM/latest/APIReference/API_DeleteRolePolicy.html
    iam-detach-group-policy | unguards deny | iam:DetachGroupPolicy on group | detach a policy that denies from {it} | docs IAM/latest/APIReference/API_DetachGroupPolicy.html
    iam-delete-group-policy | unguards deny | iam:DeleteGroupPolicy on group | delete an inline policy that denies from {it} | docs IAM/latest/APIReference/API_DeleteGroupPolicy.html
    iam-remove-user-from-group | unguards deny | iam:RemoveUserFromGroup on group | take users out of {it}, which may deny | docs IAM/latest/APIReference/API_RemoveUserFromGroup.html
    iam-tag-role | unguards deny | iam:TagRole on role | set tags of {it} that policies decide by | docs IAM/latest/UserGuide/access_tags.html
    iam-tag-user | unguards deny | iam:TagUser on user | set tags of {it} that policies decide by | docs IAM/latest/UserGuide/access_tags.html
    organizations-detach-policy | unguards organization | organizations:DetachPolicy on org-policy | detach {it} | docs organizations/latest/APIReference/API_DetachPolicy.html
    organizations-update-policy | unguards organization | organizations:UpdatePolicy on org-policy | rewrite {it} | docs organizations/latest/APIReference/API_UpdatePolicy.html
    organizations-delete-policy | unguards organization | organizations:DeletePolicy on org-policy | delete {it} | docs organizations/latest/APIReference/API_DeletePolicy.html
    organizations-disable-policy-type | unguards organization | organizations:DisablePolicyType on org-root | switch off all policies of a type in {it} | docs organizations/latest/APIReference/API_DisablePolicyType.html
    organizations-move-account | unguards organization | organizations:MoveAccount on org-account | move {it} out of an organizational unit and its policies | docs organizations/latest/APIReference/API_MoveAccount.html
    organizations-remove-account | unguards organization | organizations:RemoveAccountFromOrganization on org-account | take {it} out of the organization and its policies | docs organizations/latest/APIReference/API_RemoveAccountFromOrganization.html
    organizations-leave | unguards organization | organizations:LeaveOrganization on none | take its account out of the organization and its policies | docs organizations/latest/APIReference/API_LeaveOrganization.html
    controltower-disable-control | unguards organization | controltower:DisableControl on enabled-control | switch off {it} | docs controltower/latest/APIReference/API_DisableControl.html
  `,
}
