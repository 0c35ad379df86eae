/** An HTTP API as API Gateway has it: the routes of the template, and the events that it gives to their functions. Beside it, Lambda's own API. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type { Template } from '../infra/deployment.ts'

export type Invoke = (name: string, event: object) => Promise<APIGatewayProxyStructuredResultV2>

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const INVOCATIONS = /^\/2015-03-31\/functions\/rolemedic-(\w+)\/invocations$/

/** Of other types, an HTTP API gives the body in base64. https://speakerdeck.com/player/bf528d4f49d948b1b89ba21f3e262629 */
const TEXT = /^(?:text\/|application\/json\b)/

/** A form, as Slack sends it, is in base64. https://github.com/middyjs/middy/pull/603 */
export function bodyInEvent(type: string | undefined, body: string) {
  if (body === '') return { isBase64Encoded: false }
  return TEXT.test(type ?? '')
    ? { body, isBase64Encoded: false }
    : { body: Buffer.from(body).toString('base64'), isBase64Encoded: true }
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export async function startHttpApi({ Resources }: Template, invoke: Invoke) {
  const routes = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route')
    .map(({ Properties }) => {
      const [method = '', path = ''] = String(Properties['RouteKey']).split(' ')
      const integration = /"Ref":"(\w+)"/.exec(JSON.stringify(Properties['Target']))?.[1] ?? ''
      const uri = JSON.stringify(Resources[integration]?.Properties['IntegrationUri'])
      const name = /"Function([a-z]+)/.exec(uri)?.[1] ?? ''
      return { method, key: path, path: new RegExp(`^${path.replace(/\{\w+\}/, '[^/]+')}$`), name }
    })
  const server = createServer(async (request, response) => {
    const { method = '', headers } = request
    const url = new URL(request.url ?? '/', 'http://localhost')
    const body = await text(request)
    const invoked = INVOCATIONS.exec(url.pathname)?.[1]
    if (invoked !== undefined)
      return void response.end(JSON.stringify(await invoke(invoked, JSON.parse(body) as object)))
    const route = routes.find(one => one.method === method && one.path.test(url.pathname))
    if (route === undefined) return void response.writeHead(404).end('{"message":"Not Found"}')
    const event = {
      version: '2.0',
      routeKey: `${method} ${route.key}`,
      rawPath: url.pathname,
      rawQueryString: url.search.slice(1),
      headers,
      requestContext: { http: { method, path: url.pathname }, domainName: headers.host, timeEpoch: Date.now() },
      ...bodyInEvent(headers['content-type'], body),
    }
    const answer = await invoke(route.name, event).catch(() => ({ statusCode: 500, headers: {}, body: '' }))
    response.writeHead(answer.statusCode ?? 200, answer.headers as Record<string, string>).end(answer.body)
  })
  await new Promise<void>(resolve => server.listen(0, resolve))
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      return new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}
