import { CfnOutput, Stack } from 'aws-cdk-lib'
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import { ALERTS } from '../../names.ts'
import type { DeploySettings } from '../../settings.ts'
import { alertsKey } from './key.ts'

/** Where notices and alarms go. Null `key`: the topic and its key are the owner's. */
export type AlertTopic = { readonly topic: ITopic; readonly key: IKey | null }

export function alertTopic(scope: Construct, { existing, alertEmails }: DeploySettings): AlertTopic {
  const key = existing.topicArn === undefined ? alertsKey(scope) : null
  const topic =
    existing.topicArn === undefined
      ? new Topic(scope, 'Alerts', { topicName: ALERTS, ...(key && { masterKey: key }), enforceSSL: true })
      : Topic.fromTopicArn(scope, 'Alerts', existing.topicArn)
  if (topic instanceof Topic) {
    new CfnOutput(scope, 'AlertTopicArn', { value: topic.topicArn })
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsPublish',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
      }),
    )
  }
  for (const address of alertEmails) topic.addSubscription(new EmailSubscription(address))
  return { topic, key }
}
