export { CHAT_SITE, SIDE_RENDERER, slackRenderer } from './renderer.ts'
