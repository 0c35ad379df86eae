/** A typical Slack app on Lambda: one button, handled by Bolt. */
import { App, AwsLambdaReceiver } from '@slack/bolt'

const receiver = new AwsLambdaReceiver({ signingSecret: 'a-secret' })
const app = new App({ token: 'xoxb-bench', receiver, tokenVerificationEnabled: false })
app.action('approve', async ({ ack }) => ack())

export const handler = receiver.toHandler()
