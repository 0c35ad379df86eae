/** The environment variables of each function: only those that it reads. */
import { WRITE_CONFIG_FILE } from '../../../functions/domain/config/index.ts'
import { PACKED_CONFIG_FILE } from '../../bundle.ts'
import { hearingEnvironment, talkingEnvironment } from '../../chat.ts'
import { FUNCTIONS, type FunctionName } from '../../functions.ts'
import { AUDIT_PREFIX, nameOf, READER_ROLE, WRITER_ROLE, withPath } from '../../names.ts'
import { type DeploySettings, memberRegions } from '../../settings.ts'
import type { Means } from '../roles/permissions.ts'

type Environment = { readonly [name: string]: string }
export type EnvironmentProps = Means & {
  readonly settings: DeploySettings
  readonly version: string
  /** Where Lambda unpacks what was deployed. */
  readonly configFolder: string
}

export function environmentOf(name: FunctionName, props: EnvironmentProps): Environment {
  const { state, queues, settings, version, configFolder } = props
  const { secrets, signing, table, audit, alerts, stack } = state
  const common = {
    TABLE_NAME: table.tableName,
    CONFIG_FILE: `${configFolder}/${PACKED_CONFIG_FILE}`,
    POWERTOOLS_LOG_LEVEL: 'INFO',
  }
  const deployment = { DEPLOYMENT_ID: state.deploymentId }
  const reads = { READER_ROLE_NAME: withPath(settings, READER_ROLE) }
  const analyzes = { ...reads, BOT_ACCOUNT_ID: stack.account }
  const audits = { AUDIT_BUCKET: audit.name, AUDIT_PREFIX }
  const chat = talkingEnvironment(secrets, settings)
  const talks = {
    ...chat,
    BOT_VERSION: version,
    PERMISSION_SETS: settings.organization?.identityCenter ? 'yes' : 'no',
  }
  const verifies = {
    DECISIONS_KEY_ARN: signing.decisions.listed,
    ATTESTATIONS_KEY_ARN: signing.attestations.listed,
    OUTCOMES_KEY_ARN: signing.outcomes.listed,
    ENROLLMENTS_KEY_ARN: signing.enrollments.listed,
    AUDIT_KEY_ARN: signing.audit.listed,
  }
  const passkeys = { PASSKEY_ORIGIN: state.endpoint.origin }
  const regions = { MEMBER_REGIONS: memberRegions(settings).join(',') }
  const notifies = { ALERT_TOPIC_ARN: alerts.topicArn }
  const proposes = { PROPOSE_QUEUE_URL: queues.propose.queueUrl }
  const looks = { LOOK_QUEUE_URL: queues.look.queueUrl }
  const asksVerify = { VERIFY_QUEUE_URL: queues.verify.queueUrl }
  const ownRoles = {
    BOT_ROLE_ARNS: [...FUNCTIONS.map(nameOf), READER_ROLE, WRITER_ROLE]
      .map(role => `arn:${stack.partition}:iam::${stack.account}:role/${withPath(settings, role)}`)
      .join(','),
  }
  switch (name) {
    case 'intake':
      return { ...common, ...proposes, ...looks, ...reads, ...ownRoles }
    case 'propose':
      return { ...common, ...audits, ...talks, ...notifies, ...proposes, ...analyzes, ...verifies, ...regions }
    case 'decide':
      return {
        ...common,
        ...audits,
        ...talks,
        ...asksVerify,
        ...verifies,
        ...deployment,
        ...passkeys,
        ...hearingEnvironment(secrets, settings),
      }
    case 'verify':
      return {
        ...common,
        ...audits,
        ...talks,
        ...notifies,
        ...proposes,
        ...analyzes,
        ...verifies,
        ...deployment,
        WRITE_QUEUE_URL: queues.write.queueUrl,
        ...judgesWrite(props),
      }
    case 'write':
      return {
        ...verifies,
        ...deployment,
        ...passkeys,
        ...writes(settings),
        AUDIT_BUCKET: audit.name,
        OUTCOME_QUEUE_URL: queues.outcome.queueUrl,
        WRITE_CONFIG_FILE: `${configFolder}/${WRITE_CONFIG_FILE}`,
      }
    case 'sweep':
      return {
        ...common,
        ...audits,
        ...talks,
        ...notifies,
        ...proposes,
        ...asksVerify,
        ...verifies,
        PUBLISH_QUEUE_URL: queues.publish.queueUrl,
        ...expects(settings, stack.account),
      }
    case 'alert':
      return { ...common, ...proposes, ...looks, ...analyzes, ...ownRoles }
    case 'enroll':
      return {
        ...chat,
        ...verifies,
        ...deployment,
        ...passkeys,
        AUDIT_BUCKET: audit.name,
        BOT_ACCOUNT_ID: stack.account,
        CONFIG_FILE: common.CONFIG_FILE,
        POWERTOOLS_LOG_LEVEL: common.POWERTOOLS_LOG_LEVEL,
      }
    case 'publish':
      return { ...common, ...verifies, ...deployment, GIT_HOSTS_SECRET: state.gitHosts.secretArn }
  }
}

/** By what `verify` tells what the role of `write` has to allow. */
const judgesWrite = ({ state, queues, settings }: EnvironmentProps): Environment => ({
  OUTCOME_QUEUE_URL: queues.outcome.queueUrl,
  WRITER_ROLE_NAME: withPath(settings, WRITER_ROLE),
  ENCRYPTION_KEY_ARN: state.key.keyArn,
})

/** The members from which `sweep` expects heartbeats. */
function expects(settings: DeploySettings, account: string): Environment {
  return {
    BOT_ACCOUNT_ID: account,
    MEMBERS_IN: settings.organization === null ? 'account' : 'organization',
    MEMBER_REGIONS: memberRegions(settings).join(','),
    RETIRED_MEMBERS: settings.heartbeats.retired.join(','),
  }
}

function writes(settings: DeploySettings): Environment {
  const { writerExternalId, organization } = settings
  const center = organization?.identityCenter
  return {
    WRITER_ROLE_NAME: withPath(settings, WRITER_ROLE),
    WRITER_EXTERNAL_ID: writerExternalId,
    ...(center ? { IDENTITY_CENTER_ACCOUNT: center.accountId, IDENTITY_CENTER_REGION: center.region } : {}),
  }
}
