import { RemovalPolicy } from 'aws-cdk-lib'

/**
 * Retained if its stack is deleted, but not if the first deployment fails: names are fixed, and a leftover resource would block
 * the next attempt.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
 */
export const RETAIN = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
