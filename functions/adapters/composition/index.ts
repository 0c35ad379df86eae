export { CHAT_SITE, SIDE_RENDERER } from './chat.ts'
export { cardRenderer } from './renderer.ts'
