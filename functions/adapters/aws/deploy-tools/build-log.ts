import {
  CloudWatchLogsClient,
  type CloudWatchLogsClientConfig,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import type { Fact } from '../../../../core/base/index.ts'
import { readOrUnknown } from './read-or-unreadable.ts'

type Client = Pick<CloudWatchLogsClient, 'send'>

export const logClient = (settings: CloudWatchLogsClientConfig) => new CloudWatchLogsClient(settings)

/** Each page has up to 1 MB or 10,000 lines. The error that ended a build is near the end of its log. */
const MAX_PAGES = 2

/** The end of a log stream as one text. */
export function readLogTail(client: Client, logGroupName: string, logStreamName: string): Promise<Fact<string>> {
  return readOrUnknown(async () => {
    const pages: string[] = []
    let nextToken: string | undefined
    for (let read = 0; read < MAX_PAGES; read += 1) {
      const page = await client.send(
        new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: false, nextToken }),
      )
      pages.unshift((page.events ?? []).map(({ message = '' }) => message.replace(/\n$/, '')).join('\n'))
      // At the end of the stream, CloudWatch returns the token of the request.
      if (page.nextBackwardToken === undefined || page.nextBackwardToken === nextToken) break
      nextToken = page.nextBackwardToken
    }
    return pages.join('\n')
  }, 'the log of the build')
}
