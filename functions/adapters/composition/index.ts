export { CHAT_SITE, SIDE_RENDERER } from './chat/chat.ts'
export { cardRenderer } from './renderer.ts'
