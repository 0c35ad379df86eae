export { slackRenderer, slackSideRenderer } from './slack-renderer.ts'
