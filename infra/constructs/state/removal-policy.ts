import { RemovalPolicy } from 'aws-cdk-lib'

/**
 * What stays when its stack goes. Only a first deployment that fails takes back what it has just made: names are fixed, and
 * what stayed would stop the next one. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
 */
export const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
