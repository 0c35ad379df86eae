/** Vendors whose AWS accounts assume roles of their customers, as each vendor publishes them. */

export type Vendor = {
  readonly name: string
  readonly accounts: readonly string[]
  /** Where the vendor shows the external id that it sends. */
  readonly externalId: string
  /** The page or the code of the vendor with the account ids. */
  readonly source: string
}

/**
 * Snowflake and MongoDB Atlas publish no account: they show a principal of its own to each customer (STORAGE_AWS_IAM_USER_ARN,
 * Atlas AWS Account ARN).
 */
export const VENDORS: readonly Vendor[] = [
  {
    name: 'Datadog',
    accounts: ['464622532012'],
    externalId: 'AWS External ID on the AWS integration page of Datadog',
    source: 'https://docs.datadoghq.com/integrations/guide/aws-terraform-setup',
  },
  {
    name: 'Databricks',
    accounts: ['414351767826', '044793339203', '170661010020'],
    externalId: 'external id of the storage credential, or the Databricks account id for a workspace',
    source: 'https://github.com/databricks/terraform-provider-databricks/blob/main/aws/constants.go',
  },
  {
    name: 'New Relic',
    accounts: ['253490767857'],
    externalId: 'New Relic account id',
    source:
      'https://docs.newrelic.com/docs/workflow-automation/setup-and-configure/set-up-aws-credentials/iam-role-setup',
  },
  {
    name: 'Fivetran',
    accounts: ['834469178297'],
    externalId: 'External ID in the setup form of Fivetran',
    source: 'https://fivetran.com/docs/logs/cloudwatch/setup-guide',
  },
  {
    name: 'Spacelift',
    accounts: ['324880187172'],
    externalId: 'Spacelift account, integration, stack and phase: ACCOUNT@INTEGRATION@STACK@read or @write',
    source: 'https://docs.spacelift.io/integrations/cloud-providers/aws',
  },
  {
    name: 'Segment',
    accounts: ['458175278816', '300240842537'],
    externalId: 'external id in the settings of the Segment function',
    source: 'https://www.twilio.com/docs/segment/connections/functions/aws-apis',
  },
  {
    name: 'RudderStack',
    accounts: ['422074288268'],
    externalId: 'workspace id of RudderStack',
    source: 'https://www.rudderstack.com/docs/destinations/aws-iam-role-for-rudderstack/',
  },
  {
    name: 'Bitmovin',
    accounts: ['630681592166'],
    externalId: 'externalId of the input or output at Bitmovin',
    source: 'https://developer.bitmovin.com/encoding/reference/s3-role-based-output',
  },
  {
    name: 'Svix',
    accounts: ['565881507882'],
    externalId: 'stream or source id of Svix',
    source: 'https://docs.svix.com/_common/aws-sts-notes',
  },
]

/** Null: no vendor publishes this account. */
export const vendorOf = (accountId: string | null): Vendor | null =>
  VENDORS.find(({ accounts }) => accountId !== null && accounts.includes(accountId)) ?? null
