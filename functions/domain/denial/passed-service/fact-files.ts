/** Written by `npm run facts`. A bundle carries these files packed, and reads one when it is asked for. */
import accessAnalyzer from './access-analyzer.json' with { type: 'json' }
import agentRegistry from './agent-registry.json' with { type: 'json' }
import aidevops from './aidevops.json' with { type: 'json' }
import aiops from './aiops.json' with { type: 'json' }
import airflow from './airflow.json' with { type: 'json' }
import airflowServerless from './airflow-serverless.json' with { type: 'json' }
import amazonmq from './amazonmq.json' with { type: 'json' }
import amplify from './amplify.json' with { type: 'json' }
import apigateway from './apigateway.json' with { type: 'json' }
import appconfig from './appconfig.json' with { type: 'json' }
import appflow from './appflow.json' with { type: 'json' }
import appmesh from './appmesh.json' with { type: 'json' }
import apprunner from './apprunner.json' with { type: 'json' }
import appstream from './appstream.json' with { type: 'json' }
import appsync from './appsync.json' with { type: 'json' }
import aps from './aps.json' with { type: 'json' }
import arcRegionSwitch from './arc-region-switch.json' with { type: 'json' }
import athena from './athena.json' with { type: 'json' }
import autoscaling from './autoscaling.json' with { type: 'json' }
import backup from './backup.json' with { type: 'json' }
import backupGateway from './backup-gateway.json' with { type: 'json' }
import backupSearch from './backup-search.json' with { type: 'json' }
import batch from './batch.json' with { type: 'json' }
import bcmDashboards from './bcm-dashboards.json' with { type: 'json' }
import bedrock from './bedrock.json' with { type: 'json' }
import bedrockAgentcore from './bedrock-agentcore.json' with { type: 'json' }
import braket from './braket.json' with { type: 'json' }
import budgets from './budgets.json' with { type: 'json' }
import chatbot from './chatbot.json' with { type: 'json' }
import chime from './chime.json' with { type: 'json' }
import cleanrooms from './cleanrooms.json' with { type: 'json' }
import cleanroomsMl from './cleanrooms-ml.json' with { type: 'json' }
import cloudcontrolapi from './cloudcontrolapi.json' with { type: 'json' }
import cloudformation from './cloudformation.json' with { type: 'json' }
import cloudfront from './cloudfront.json' with { type: 'json' }
import cloudhsm from './cloudhsm.json' with { type: 'json' }
import cloudtrail from './cloudtrail.json' with { type: 'json' }
import codebuild from './codebuild.json' with { type: 'json' }
import codeconnections from './codeconnections.json' with { type: 'json' }
import codedeploy from './codedeploy.json' with { type: 'json' }
import codepipeline from './codepipeline.json' with { type: 'json' }
import codestarConnections from './codestar-connections.json' with { type: 'json' }
import cognitoIdentity from './cognito-identity.json' with { type: 'json' }
import cognitoIdp from './cognito-idp.json' with { type: 'json' }
import cognitoSync from './cognito-sync.json' with { type: 'json' }
import comprehend from './comprehend.json' with { type: 'json' }
import comprehendmedical from './comprehendmedical.json' with { type: 'json' }
import config from './config.json' with { type: 'json' }
import databrew from './databrew.json' with { type: 'json' }
import dataexchange from './dataexchange.json' with { type: 'json' }
import datapipeline from './datapipeline.json' with { type: 'json' }
import datasync from './datasync.json' with { type: 'json' }
import datazone from './datazone.json' with { type: 'json' }
import dax from './dax.json' with { type: 'json' }
import deadline from './deadline.json' with { type: 'json' }
import devicefarm from './devicefarm.json' with { type: 'json' }
import dlm from './dlm.json' with { type: 'json' }
import dms from './dms.json' with { type: 'json' }
import drs from './drs.json' with { type: 'json' }
import dsql from './dsql.json' with { type: 'json' }
import dynamodb from './dynamodb.json' with { type: 'json' }
import ec2 from './ec2.json' with { type: 'json' }
import ecr from './ecr.json' with { type: 'json' }
import ecs from './ecs.json' with { type: 'json' }
import eks from './eks.json' with { type: 'json' }
import elasticbeanstalk from './elasticbeanstalk.json' with { type: 'json' }
import elasticfilesystem from './elasticfilesystem.json' with { type: 'json' }
import elasticmapreduce from './elasticmapreduce.json' with { type: 'json' }
import emrContainers from './emr-containers.json' with { type: 'json' }
import emrServerless from './emr-serverless.json' with { type: 'json' }
import entityresolution from './entityresolution.json' with { type: 'json' }
import es from './es.json' with { type: 'json' }
import events from './events.json' with { type: 'json' }
import finspace from './finspace.json' with { type: 'json' }
import firehose from './firehose.json' with { type: 'json' }
import fis from './fis.json' with { type: 'json' }
import fms from './fms.json' with { type: 'json' }
import forecast from './forecast.json' with { type: 'json' }
import frauddetector from './frauddetector.json' with { type: 'json' }
import gamelift from './gamelift.json' with { type: 'json' }
import geo from './geo.json' with { type: 'json' }
import glue from './glue.json' with { type: 'json' }
import grafana from './grafana.json' with { type: 'json' }
import greengrass from './greengrass.json' with { type: 'json' }
import groundstation from './groundstation.json' with { type: 'json' }
import guardduty from './guardduty.json' with { type: 'json' }
import healthAgent from './health-agent.json' with { type: 'json' }
import healthlake from './healthlake.json' with { type: 'json' }
import iam from './iam.json' with { type: 'json' }
import imagebuilder from './imagebuilder.json' with { type: 'json' }
import inspector from './inspector.json' with { type: 'json' }
import iot from './iot.json' with { type: 'json' }
import iotdeviceadvisor from './iotdeviceadvisor.json' with { type: 'json' }
import iotevents from './iotevents.json' with { type: 'json' }
import iotfleetwise from './iotfleetwise.json' with { type: 'json' }
import iotmanagedintegrations from './iotmanagedintegrations.json' with { type: 'json' }
import iotsitewise from './iotsitewise.json' with { type: 'json' }
import iotthingsgraph from './iotthingsgraph.json' with { type: 'json' }
import iottwinmaker from './iottwinmaker.json' with { type: 'json' }
import iotwireless from './iotwireless.json' with { type: 'json' }
import kafka from './kafka.json' with { type: 'json' }
import kafkaconnect from './kafkaconnect.json' with { type: 'json' }
import kendra from './kendra.json' with { type: 'json' }
import kinesisanalytics from './kinesisanalytics.json' with { type: 'json' }
import lakeformation from './lakeformation.json' with { type: 'json' }
import lambda from './lambda.json' with { type: 'json' }
import lex from './lex.json' with { type: 'json' }
import licenseManager from './license-manager.json' with { type: 'json' }
import logs from './logs.json' with { type: 'json' }
import lookoutequipment from './lookoutequipment.json' with { type: 'json' }
import m2 from './m2.json' with { type: 'json' }
import machinelearning from './machinelearning.json' with { type: 'json' }
import macie2 from './macie2.json' with { type: 'json' }
import mediaconnect from './mediaconnect.json' with { type: 'json' }
import mediaconvert from './mediaconvert.json' with { type: 'json' }
import medialive from './medialive.json' with { type: 'json' }
import mediapackage from './mediapackage.json' with { type: 'json' }
import mediapackageVod from './mediapackage-vod.json' with { type: 'json' }
import mediapackagev2 from './mediapackagev2.json' with { type: 'json' }
import mediastore from './mediastore.json' with { type: 'json' }
import medicalImaging from './medical-imaging.json' with { type: 'json' }
import mgn from './mgn.json' with { type: 'json' }
import mobiletargeting from './mobiletargeting.json' with { type: 'json' }
import monitoring from './monitoring.json' with { type: 'json' }
import neptuneDb from './neptune-db.json' with { type: 'json' }
import neptuneGraph from './neptune-graph.json' with { type: 'json' }
import observabilityadmin from './observabilityadmin.json' with { type: 'json' }
import odb from './odb.json' with { type: 'json' }
import omics from './omics.json' with { type: 'json' }
import osis from './osis.json' with { type: 'json' }
import panorama from './panorama.json' with { type: 'json' }
import partnercentral from './partnercentral.json' with { type: 'json' }
import pcs from './pcs.json' with { type: 'json' }
import personalize from './personalize.json' with { type: 'json' }
import pipes from './pipes.json' with { type: 'json' }
import profile from './profile.json' with { type: 'json' }
import proton from './proton.json' with { type: 'json' }
import qbusiness from './qbusiness.json' with { type: 'json' }
import quicksight from './quicksight.json' with { type: 'json' }
import rds from './rds.json' with { type: 'json' }
import redshift from './redshift.json' with { type: 'json' }
import redshiftServerless from './redshift-serverless.json' with { type: 'json' }
import rekognition from './rekognition.json' with { type: 'json' }
import repostspace from './repostspace.json' with { type: 'json' }
import resiliencehub from './resiliencehub.json' with { type: 'json' }
import resourceGroups from './resource-groups.json' with { type: 'json' }
import rolesanywhere from './rolesanywhere.json' with { type: 'json' }
import rtbfabric from './rtbfabric.json' with { type: 'json' }
import rum from './rum.json' with { type: 'json' }
import s3 from './s3.json' with { type: 'json' }
import s3files from './s3files.json' with { type: 'json' }
import s3tables from './s3tables.json' with { type: 'json' }
import sagemaker from './sagemaker.json' with { type: 'json' }
import sagemakerGeospatial from './sagemaker-geospatial.json' with { type: 'json' }
import scheduler from './scheduler.json' with { type: 'json' }
import secretsmanager from './secretsmanager.json' with { type: 'json' }
import securityagent from './securityagent.json' with { type: 'json' }
import securitylake from './securitylake.json' with { type: 'json' }
import type { ServiceFacts } from './service-facts.ts'
import servicecatalog from './servicecatalog.json' with { type: 'json' }
import ses from './ses.json' with { type: 'json' }
import shield from './shield.json' with { type: 'json' }
import simspaceweaver from './simspaceweaver.json' with { type: 'json' }
import smsVoice from './sms-voice.json' with { type: 'json' }
import snowball from './snowball.json' with { type: 'json' }
import sns from './sns.json' with { type: 'json' }
import socialMessaging from './social-messaging.json' with { type: 'json' }
import ssm from './ssm.json' with { type: 'json' }
import ssmIncidents from './ssm-incidents.json' with { type: 'json' }
import ssmQuicksetup from './ssm-quicksetup.json' with { type: 'json' }
import states from './states.json' with { type: 'json' }
import storagegateway from './storagegateway.json' with { type: 'json' }
import swf from './swf.json' with { type: 'json' }
import synthetics from './synthetics.json' with { type: 'json' }
import textract from './textract.json' with { type: 'json' }
import timestream from './timestream.json' with { type: 'json' }
import transcribe from './transcribe.json' with { type: 'json' }
import transfer from './transfer.json' with { type: 'json' }
import translate from './translate.json' with { type: 'json' }
import voiceid from './voiceid.json' with { type: 'json' }
import workmail from './workmail.json' with { type: 'json' }
import workspaces from './workspaces.json' with { type: 'json' }

const FILES: { readonly [service: string]: ServiceFacts } = {
  'access-analyzer': accessAnalyzer,
  'agent-registry': agentRegistry,
  aidevops,
  aiops,
  airflow,
  'airflow-serverless': airflowServerless,
  amazonmq,
  amplify,
  apigateway,
  appconfig,
  appflow,
  appmesh,
  apprunner,
  appstream,
  appsync,
  aps,
  'arc-region-switch': arcRegionSwitch,
  athena,
  autoscaling,
  backup,
  'backup-gateway': backupGateway,
  'backup-search': backupSearch,
  batch,
  'bcm-dashboards': bcmDashboards,
  bedrock,
  'bedrock-agentcore': bedrockAgentcore,
  braket,
  budgets,
  chatbot,
  chime,
  cleanrooms,
  'cleanrooms-ml': cleanroomsMl,
  cloudcontrolapi,
  cloudformation,
  cloudfront,
  cloudhsm,
  cloudtrail,
  codebuild,
  codeconnections,
  codedeploy,
  codepipeline,
  'codestar-connections': codestarConnections,
  'cognito-identity': cognitoIdentity,
  'cognito-idp': cognitoIdp,
  'cognito-sync': cognitoSync,
  comprehend,
  comprehendmedical,
  config,
  databrew,
  dataexchange,
  datapipeline,
  datasync,
  datazone,
  dax,
  deadline,
  devicefarm,
  dlm,
  dms,
  drs,
  dsql,
  dynamodb,
  ec2,
  ecr,
  ecs,
  eks,
  elasticbeanstalk,
  elasticfilesystem,
  elasticmapreduce,
  'emr-containers': emrContainers,
  'emr-serverless': emrServerless,
  entityresolution,
  es,
  events,
  finspace,
  firehose,
  fis,
  fms,
  forecast,
  frauddetector,
  gamelift,
  geo,
  glue,
  grafana,
  greengrass,
  groundstation,
  guardduty,
  'health-agent': healthAgent,
  healthlake,
  iam,
  imagebuilder,
  inspector,
  iot,
  iotdeviceadvisor,
  iotevents,
  iotfleetwise,
  iotmanagedintegrations,
  iotsitewise,
  iotthingsgraph,
  iottwinmaker,
  iotwireless,
  kafka,
  kafkaconnect,
  kendra,
  kinesisanalytics,
  lakeformation,
  lambda,
  lex,
  'license-manager': licenseManager,
  logs,
  lookoutequipment,
  m2,
  machinelearning,
  macie2,
  mediaconnect,
  mediaconvert,
  medialive,
  mediapackage,
  'mediapackage-vod': mediapackageVod,
  mediapackagev2,
  mediastore,
  'medical-imaging': medicalImaging,
  mgn,
  mobiletargeting,
  monitoring,
  'neptune-db': neptuneDb,
  'neptune-graph': neptuneGraph,
  observabilityadmin,
  odb,
  omics,
  osis,
  panorama,
  partnercentral,
  pcs,
  personalize,
  pipes,
  profile,
  proton,
  qbusiness,
  quicksight,
  rds,
  redshift,
  'redshift-serverless': redshiftServerless,
  rekognition,
  repostspace,
  resiliencehub,
  'resource-groups': resourceGroups,
  rolesanywhere,
  rtbfabric,
  rum,
  s3,
  s3files,
  s3tables,
  sagemaker,
  'sagemaker-geospatial': sagemakerGeospatial,
  scheduler,
  secretsmanager,
  securityagent,
  securitylake,
  servicecatalog,
  ses,
  shield,
  simspaceweaver,
  'sms-voice': smsVoice,
  snowball,
  sns,
  'social-messaging': socialMessaging,
  ssm,
  'ssm-incidents': ssmIncidents,
  'ssm-quicksetup': ssmQuicksetup,
  states,
  storagegateway,
  swf,
  synthetics,
  textract,
  timestream,
  transcribe,
  transfer,
  translate,
  voiceid,
  workmail,
  workspaces,
}

/** `service` is an event source without its domain: `rds`. */
export function factFile(service: string): ServiceFacts | null {
  return Object.hasOwn(FILES, service) ? (FILES[service] ?? null) : null
}

export const factServices = (): readonly string[] => Object.keys(FILES)
