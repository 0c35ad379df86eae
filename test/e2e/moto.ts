/**
 * A moto server (AWS in one process) on a port that the system gives it. https://docs.getmoto.org Always uses the version of the
 * system's package (Debian, Ubuntu: python3-moto), because another version on PATH answers differently.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'

type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string }
export type MotoClient = Moto['client']

export type Moto = {
  readonly endpoint: string
  /** The settings that every SDK client needs to use it. */
  readonly client: {
    readonly endpoint: string
    readonly region: string
    readonly credentials: Credentials
  }
  /** Environment variables for a child process that uses it through the SDK. */
  readonly env: { readonly [name: string]: string }
  /** The same settings for another account. moto allows any role of any account to be assumed. */
  clientOf(accountId: string): Promise<MotoClient>
  /** The account of an access key. */
  accountOf(accessKeyId: string): Promise<string>
  stop(): Promise<void>
}

/**
 * In S3, "create only if absent" is one step. moto looks and stores in two, without a lock between them, and answers each request in a
 * thread of its own: of two such PUTs at once both may succeed, and one of them is lost. Here they run one after another.
 *
 * For each request, moto lists its folder of services and the methods of one, and compiles templates: here once. For a list of versions it
 * copies every object of the bucket, here without the content, which no list shows. Together that halves its processor time.
 *
 * Prints its port once it listens, so that nothing else can take the port before.
 */
const PROGRAM = `
import functools, os, threading
import moto.backends, moto.core.responses
from jinja2 import Environment
from moto.s3.models import FakeKey
from moto.s3.responses import S3Response
from moto.server import main
from werkzeug import serving

services = list(moto.backends.list_of_moto_modules())
moto.backends.list_of_moto_modules = lambda: services
moto.core.responses.method_names_from_class = functools.cache(moto.core.responses.method_names_from_class)
Environment.compile = functools.cache(Environment.compile)

def listed(self, memo):
    with self.lock:
        etag = self.etag.strip('"')
    copy = object.__new__(FakeKey)
    copy.__dict__.update(self.__dict__, _etag=etag, _value_buffer=None, multipart=None, disposed=True)
    return copy

FakeKey.__deepcopy__ = listed

store, lock = S3Response.put_object, threading.Lock()

def put_object(self):
    with lock:
        return store(self)

S3Response.put_object = put_object
listen = serving.make_server

def make_server(*given, **named):
    server = listen(*given, **named)
    os.environ['MOTO_PORT'] = str(server.port)
    print(server.port, flush=True)
    return server

serving.make_server = make_server
main()
`

const REGION = 'eu-west-1'
const SYSTEM_PYTHON = '/usr/bin/python3'

/**
 * `accountId`: the account of the credentials. AWS managed policies are loaded only on request, because that takes a second.
 */
export async function startMoto(options: { accountId?: string; awsManagedPolicies?: boolean } = {}): Promise<Moto> {
  const { accountId = '111122223333', awsManagedPolicies = false } = options
  // Isolated (-I): ignores PYTHONPATH and the user's packages.
  const program = ['-I', '-W', 'ignore', '-c', PROGRAM]
  const server = spawn(SYSTEM_PYTHON, [...program, '-H', '127.0.0.1', '-p', '0'], {
    env: {
      ...process.env,
      MOTO_IAM_LOAD_MANAGED_POLICIES: String(awsManagedPolicies),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(server, 'exit')
  // Without the package, Python ends at once.
  const absent = ended.then(() => {
    throw new Error('moto.server ended before it answered: install python3-moto and python3-flask-cors')
  })
  absent.catch(() => {})
  const failed = once(server, 'error').then(([error]) => {
    throw new Error(`${SYSTEM_PYTHON} cannot be started: install python3-moto and python3-flask-cors`, { cause: error })
  })
  failed.catch(() => {})
  const port = once(server.stdout, 'data').then(([printed]) => Number(printed))
  const endpoint = `http://127.0.0.1:${await Promise.race([port, failed, absent])}`

  const clientOf = async (account: string): Promise<MotoClient> => {
    const sts = new STSClient({ endpoint, region: REGION, credentials: { accessKeyId: 'any', secretAccessKey: 'any' } })
    const role = { RoleArn: `arn:aws:iam::${account}:role/moto`, RoleSessionName: 'test' }
    const { Credentials: given } = await sts.send(new AssumeRoleCommand(role))
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = given ?? {}
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
    return { endpoint, region: REGION, credentials }
  }
  const client = await clientOf(accountId)
  return {
    endpoint,
    client,
    clientOf,
    accountOf: accessKeyId => accountOf(endpoint, accessKeyId),
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: client.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: client.credentials.secretAccessKey,
      AWS_SESSION_TOKEN: client.credentials.sessionToken,
    },
    async stop() {
      server.kill('SIGTERM')
      await Promise.race([ended, sleep(3_000).then(() => server.kill('SIGKILL'))])
    },
  }
}

/** moto verifies no signature. */
async function accountOf(endpoint: string, accessKeyId: string): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261124/${REGION}/sts/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  })
  return /<Account>(\d{12})<\/Account>/.exec(await response.text())?.[1] ?? 'none'
}
