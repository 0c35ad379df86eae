/** What is sent to people: chat messages and notices. */

export { wordedAnswer } from './aws-answer.ts'
export type { ChatMessage, ChatSite, LinkedLine } from './chat-message.ts'
export { type Html, html, trusted } from './html.ts'
export type { Notice } from './notice.ts'
export { type ChatUserId, MAX_CHAT_ID_CHARS, type Person, ROLEMEDIC, unnamed } from './person.ts'
export {
  answeredBy,
  answerPlace,
  type ChatPlace,
  cardOnRecord,
  conversationOf,
  isInThread,
  isSameMessage,
  messageIdOf,
  messageIn,
  NOT_POSTED,
  type PostedCard,
  type PressedAt,
  placeIn,
  type RecordedCard,
  recordedCard,
} from './posted-card.ts'
export {
  answersOfQuestion,
  BOT_FUNCTIONS,
  type BotFunction,
  type FailedTrial,
  SELF_TEST_EVENT,
  SELF_TEST_EVERY_MS,
  SELF_TEST_FRESH_MS,
  SELF_TEST_JOB,
  SELF_TEST_WAIT_MS,
  type SelfTestAnswer,
  type SelfTestAnswers,
  type SelfTestAsked,
  selfTestText,
  WOKEN_TO_TRY,
} from './self-test.ts'
