export { slackSideRenderer } from '../slack/renderer.ts'
export { SLACK_SITE } from '../slack/site.ts'
export { slackRenderer } from './renderer.ts'
