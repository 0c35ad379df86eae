import { BOT_FUNCTIONS, type BotFunction } from '../functions/domain/messages/index.ts'

/** Every function of the bot, in the order of the flow; each is one bundle of its own. */
export const FUNCTIONS = BOT_FUNCTIONS
export type FunctionName = BotFunction
