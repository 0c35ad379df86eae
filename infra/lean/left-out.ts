/** What the libraries carry and the functions never use. Each entry says why its absence changes nothing. */

export type LeftOut = {
  readonly file: RegExp
  readonly why: string
  /** Null: every name of the module refuses when it is used. */
  readonly instead: string | null
}

const NODE = 'Lambda runs Node'
const GENERAL_PURPOSE = 'the audit bucket is a general-purpose bucket'
const NO_STREAMS = 'no call of the bot sends a stream'

export const LEFT_OUT: readonly LeftOut[] = [
  // Lambda puts its role's credentials and its Region into the environment: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
  {
    file: file('@aws-sdk/credential-provider-node', 'index'),
    why: 'the default chain has a client for profiles, single sign-on, processes, web identities and the metadata of EC2',
    instead: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env'",
  },
  {
    file: file('@smithy/core', 'config/node-config-provider/fromSharedConfigFiles'),
    why: 'there is no ~/.aws in Lambda',
    instead: `
      import { CredentialsProviderError } from '../property-provider/CredentialsProviderError'
      export const fromSharedConfigFiles = () => async () => {
        throw new CredentialsProviderError('configuration files are not read in this bundle')
      }`,
  },
  {
    file: file('@smithy/core', 'config/config-resolver/endpointsConfig/NodeUseDualstackEndpointConfigOptions'),
    why: 'half of the endpoint rules are about dual-stack endpoints, which the functions do not need',
    instead: `
      if (process.env.AWS_USE_DUALSTACK_ENDPOINT === 'true')
        throw new Error('AWS_USE_DUALSTACK_ENDPOINT is set, and dual-stack endpoints are left out of this bundle')
      export const NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS = {
        environmentVariableSelector: () => false,
        configFileSelector: () => false,
        default: false,
      }`,
  },
  {
    file: file('@smithy/core', 'config/config-resolver/regionConfig/getInstanceMetadataRegion'),
    why: 'there is no EC2 metadata in Lambda',
    instead: 'export const getInstanceMetadataRegion = async () => undefined',
  },

  // Node has what these bring along for browsers and for old versions of Node.
  refused('@smithy/core', 'checksum/sha256/Sha256Js', NODE),
  refused('@smithy/core', 'checksum/md5/Md5Js', NODE),
  refused('@smithy/core', 'serde/util-stream/sdk-stream-mixin.browser', NODE),
  refused('@aws-sdk/core', 'client/util-user-agent-browser/createUserAgentStringParsingProvider', NODE),
  refused('@smithy/core', 'serde/util-stream/checksum/createChecksumStream.browser', NODE),

  // Calls of the bot have their whole body at hand.
  refused('@smithy/core', 'serde/util-stream/createBufferedReadable', NO_STREAMS),
  refused('@smithy/core', 'serde/util-stream/getAwsChunkedEncodingStream', NO_STREAMS),
  {
    file: file('@smithy/core', 'event-streams/index'),
    why: 'no call of the bot streams events; the protocols ask for their codec all the same',
    instead: `
      export const eventStreamSerdeProvider = () => ({})
      export const resolveEventStreamSerdeConfig = config => config
      export class EventStreamSerde {
        constructor() { throw new Error('event streams are not in this bundle') }
      }`,
  },

  {
    file: /@smithy[\\/]signature-v4[\\/]dist-es[\\/]HeaderFormatter\.js$/,
    why: NO_STREAMS,
    instead: 'export class HeaderFormatter {}',
  },
  {
    file: /@aws-sdk[\\/][^\\/]+[\\/]dist-es[\\/](submodules[\\/]\w+[\\/])?runtimeExtensions\.js$/,
    why: 'no client of the bot is made with extensions',
    instead: 'export const resolveRuntimeExtensions = config => config',
  },
  {
    file: file('@aws-sdk/middleware-endpoint-discovery', 'resolveEndpointDiscoveryConfig'),
    why: "DynamoDB's tables are at its regional endpoint; the bot never asks for another",
    instead: 'export const resolveEndpointDiscoveryConfig = config => config',
  },

  refused('@aws-sdk/client-dynamodb', 'commands/DescribeEndpointsCommand', 'the bot never asks for another endpoint'),
  {
    file: file('@aws-sdk/core', 'client/emitWarningIfUnsupportedVersion'),
    why: 'Lambda runs the version of Node that the bundle is made for',
    instead: 'export const emitWarningIfUnsupportedVersion = () => {}',
  },

  // Of S3 the bot puts, gets and lists in a bucket.
  refused('@aws-sdk/client-s3', 'commands/CreateSessionCommand', GENERAL_PURPOSE),
  inert('middleware-s3-express/functions/s3ExpressMiddleware', 'getS3ExpressPlugin', GENERAL_PURPOSE),
  inert(
    'middleware-s3-express/functions/s3ExpressHttpSigningMiddleware',
    'getS3ExpressHttpSigningPlugin',
    GENERAL_PURPOSE,
  ),
  {
    file: file('@aws-sdk/middleware-sdk-s3', 's3/middleware-s3-express/classes/S3ExpressIdentityProviderImpl'),
    why: GENERAL_PURPOSE,
    instead: 'export class S3ExpressIdentityProviderImpl {}',
  },
  inert(
    'middleware-region-redirect/region-redirect-middleware',
    'getRegionRedirectMiddlewarePlugin',
    'the audit bucket is in the Region of the bot',
  ),
  inert('middleware-expect-continue/middleware-expect-continue', 'getAddExpectContinuePlugin', NO_STREAMS),
  inert(
    'middleware-check-content-length-header/check-content-length-header',
    'getCheckContentLengthHeaderPlugin',
    NO_STREAMS,
  ),
  inert(
    'middleware-ssec/middleware-ssec',
    'getSsecPlugin',
    'the bucket encrypts with KMS, never with a key of the caller',
  ),
  {
    file: file('@aws-sdk/signature-v4-multi-region', 'SignatureV4MultiRegion'),
    why: 'the audit bucket is no access point of many Regions, so the ordinary signature will do',
    instead: `
      import { SignatureV4 } from '@smithy/signature-v4'
      export class SignatureV4MultiRegion extends SignatureV4 {
        static sigv4aDependency() { return 'none' }
      }`,
  },
  refused('@aws-sdk/checksums', 'sha/sha1/Sha1Node', 'the bot sends CRC32, which is S3’s default'),
  refused('@aws-sdk/checksums', 'crc/crc64-nvme/Crc64Nvme', 'the bot sends CRC32, which is S3’s default'),
  {
    file: file('@aws-sdk/core', 'client/middleware-logger/loggerMiddleware'),
    why: 'the clients are made without a logger; what failed is told by its error',
    instead: 'export const getLoggerPlugin = () => ({ applyToStack() {} })',
  },
  {
    file: file('@aws-sdk/core', 'protocols/xml/XmlShapeSerializer'),
    why: 'no request of the bot has a body of XML',
    instead: `
      export class XmlShapeSerializer {
        setSerdeContext() {}
        write() { throw new Error('writing XML is not in this bundle') }
        flush() { throw new Error('writing XML is not in this bundle') }
      }`,
  },
  // Slack: the bot calls the few methods that it uses by name, through apiCall.
  {
    file: /@slack[\\/]web-api[\\/]dist[\\/]methods\.js$/,
    why: 'one bound function for each of Slack’s methods',
    instead: "exports.Methods = require('node:events')",
  },
  {
    file: /@slack[\\/]web-api[\\/]dist[\\/]index\.js$/,
    why: 'the types of all requests and answers are modules too',
    instead: "Object.assign(exports, require('./errors'), require('./logger'), require('./WebClient'))",
  },
  {
    file: /p-queue[\\/]dist[\\/]index\.js$/,
    why: 'one call is made at a time',
    instead: 'module.exports = class { add(call) { return call() } }',
  },
  {
    file: /p-retry[\\/]index\.js$/,
    why: 'the client is told never to try again: the bot does, within its own budget',
    instead: `
      class AbortError extends Error {
        constructor(originalError) { super(); this.originalError = originalError }
      }
      module.exports = async call => {
        try { return await call() } catch (error) { throw error instanceof AbortError ? error.originalError : error }
      }
      module.exports.AbortError = AbortError`,
  },
  {
    file: /@slack[\\/]web-api[\\/]dist[\\/]instrument\.js$/,
    why: 'Slack only counts what the client says of itself, and it carries the manifest of its package for that',
    instead: "exports.getUserAgent = () => 'rolemedic node/' + process.version",
  },
  { file: /@slack[\\/]web-api[\\/]dist[\\/]file-upload\.js$/, why: 'the bot uploads no files', instead: '' },
  { file: /@slack[\\/]web-api[\\/]dist[\\/]chat-stream\.js$/, why: 'the bot streams no messages', instead: '' },
]

/** A module of a package, by its path below the folder with ES modules. */
function file(of: string, path: string): RegExp {
  const parts = `${of}/dist-es/(submodules/)?${path.replaceAll('.', '\\.')}\\.js`
  return new RegExp(`${parts.replaceAll('/', '[\\\\/]')}$`)
}

function refused(of: string, path: string, why: string): LeftOut {
  return { file: file(of, path), why, instead: null }
}

/** A plug-in for the calls of S3's client that does nothing. */
function inert(path: string, name: string, why: string): LeftOut {
  return {
    file: file('@aws-sdk/middleware-sdk-s3', `s3/${path}`),
    why,
    instead: `export const ${name} = () => ({ applyToStack() {} })`,
  }
}

/** A module with the same names: what `instead` exports is as it says, each other name only says that it was left out. */
export function withoutIt(source: string, why: string, instead: string | null): string {
  const given = instead === null ? [] : exported(instead)
  const names = exported(source).filter(name => !given.includes(name))
  if (names.length === 0) return instead ?? ''
  const refused = `function () { throw new Error(${JSON.stringify(`left out of this bundle: ${why}`)}) }`
  return `${instead ?? ''}\nconst refused = ${refused}\nexport { ${names.map(name => `refused as ${name}`).join(', ')} }`
}

function exported(source: string): readonly string[] {
  const declared = [...source.matchAll(/^\s*export (?:async )?(?:function\*?|const|class) (\w+)/gm)].map(
    ([, name = '']) => name,
  )
  const listed = [...source.matchAll(/^\s*export \{([^}]*)\}/gm)].flatMap(([, list = '']) => list.split(','))
  const renamed = listed
    .map(
      part =>
        part
          .trim()
          .split(/\s+as\s+/)
          .at(-1) ?? '',
    )
    .filter(name => name !== '')
  return [...declared, ...renamed]
}
