/**
 * Resource types whose first resource in an account creates a service-linked role, on behalf of the caller.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
 */
export type LinkedRole = { readonly service: string; readonly name: string }

const linked = (service: string, name: string): LinkedRole => ({ service: `${service}.amazonaws.com`, name })

const AUTO_SCALING = linked('autoscaling', 'AWSServiceRoleForAutoScaling')
const ECS = linked('ecs', 'AWSServiceRoleForECS')
const LOAD_BALANCING = linked('elasticloadbalancing', 'AWSServiceRoleForElasticLoadBalancing')
const RDS = linked('rds', 'AWSServiceRoleForRDS')
const ELASTICACHE = linked('elasticache', 'AWSServiceRoleForElastiCache')
const EKS = linked('eks', 'AWSServiceRoleForAmazonEKS')
const EKS_NODES = linked('eks-nodegroup', 'AWSServiceRoleForAmazonEKSNodegroup')
const EKS_FARGATE = linked('eks-fargate', 'AWSServiceRoleForAmazonEKSForFargate')
const REDSHIFT = linked('redshift', 'AWSServiceRoleForRedshift')
const APP_RUNNER = linked('apprunner', 'AWSServiceRoleForAppRunner')
const TRANSIT_GATEWAY = linked('transitgateway', 'AWSServiceRoleForVPCTransitGateway')
const GLOBAL_ACCELERATOR = linked('globalaccelerator', 'AWSServiceRoleForGlobalAccelerator')

export const LINKED_ROLES: ReadonlyMap<string, LinkedRole> = new Map([
  ['AWS::AutoScaling::AutoScalingGroup', AUTO_SCALING],
  ['AWS::ECS::Cluster', ECS],
  ['AWS::ElasticLoadBalancing::LoadBalancer', LOAD_BALANCING],
  ['AWS::ElasticLoadBalancingV2::LoadBalancer', LOAD_BALANCING],
  ['AWS::RDS::DBInstance', RDS],
  ['AWS::RDS::DBCluster', RDS],
  ['AWS::ElastiCache::CacheCluster', ELASTICACHE],
  ['AWS::ElastiCache::ReplicationGroup', ELASTICACHE],
  ['AWS::EKS::Cluster', EKS],
  ['AWS::EKS::Nodegroup', EKS_NODES],
  ['AWS::EKS::FargateProfile', EKS_FARGATE],
  ['AWS::Redshift::Cluster', REDSHIFT],
  ['AWS::AppRunner::Service', APP_RUNNER],
  ['AWS::EC2::TransitGateway', TRANSIT_GATEWAY],
  ['AWS::GlobalAccelerator::Accelerator', GLOBAL_ACCELERATOR],
  ['aws_autoscaling_group', AUTO_SCALING],
  ['aws_ecs_cluster', ECS],
  ['aws_elb', LOAD_BALANCING],
  ['aws_lb', LOAD_BALANCING],
  ['aws_alb', LOAD_BALANCING],
  ['aws_db_instance', RDS],
  ['aws_rds_cluster', RDS],
  ['aws_elasticache_cluster', ELASTICACHE],
  ['aws_elasticache_replication_group', ELASTICACHE],
  ['aws_eks_cluster', EKS],
  ['aws_eks_node_group', EKS_NODES],
  ['aws_eks_fargate_profile', EKS_FARGATE],
  ['aws_redshift_cluster', REDSHIFT],
  ['aws_apprunner_service', APP_RUNNER],
  ['aws_ec2_transit_gateway', TRANSIT_GATEWAY],
  ['aws_globalaccelerator_accelerator', GLOBAL_ACCELERATOR],
])

/** The role's name for a service. Null: only AWS knows how the service names its role. */
export const linkedRoleName = (service: string): string | null =>
  [...LINKED_ROLES.values()].find(role => role.service === service)?.name ?? null
