/**
 * The prefixes of the services whose actions are packed: those that the public deploys of `test/cases/deploy-texts` call, and others
 * that templates and Terraform code usually make. All 456 published services would take twice the room in the package.
 */
const DEPLOYED: ReadonlySet<string> = new Set(
  `
  access-analyzer account acm acm-pca airflow amplify aoss apigateway appconfig appflow application-autoscaling
  appmesh apprunner appsync aps athena autoscaling backup backup-storage batch bedrock budgets ce chatbot
  cloudformation cloudfront cloudtrail cloudwatch codeartifact codebuild codecommit codeconnections codedeploy
  codepipeline codestar-connections codestar-notifications cognito-identity cognito-idp config controltower
  datasync dax directconnect dlm dms docdb-elastic ds dynamodb ebs ec2 ecr ecr-public ecs eks eks-auth elasticache
  elasticbeanstalk elasticfilesystem elasticloadbalancing elasticmapreduce emr-containers emr-serverless es events
  execute-api firehose fis fsx globalaccelerator glue grafana guardduty iam identitystore imagebuilder inspector2
  iot kafka kafka-cluster kafkaconnect kinesis kinesisanalytics kms lakeformation lambda logs macie2 memorydb mq
  neptune-db network-firewall oam organizations osis pipes ram rds rds-data rds-db redshift redshift-data
  redshift-serverless resource-groups rolesanywhere route53 route53domains route53resolver rum s3 s3express
  s3tables sagemaker scheduler schemas secretsmanager securityhub serverlessrepo servicecatalog servicediscovery
  servicequotas ses shield signer sns sqs ssm ssmmessages sso states sts synthetics tag timestream transfer
  vpc-lattice vpce waf waf-regional wafv2 workspaces xray
`
    .trim()
    .split(/\s+/),
)

export const isDeployed = (service: string): boolean => DEPLOYED.has(service)
