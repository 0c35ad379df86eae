export { slackSideRenderer } from '../slack/renderer.ts'
export { slackRenderer } from './renderer.ts'
