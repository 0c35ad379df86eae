/** Every function of the bot, in the order of the flow; each is one bundle of its own. */
export const FUNCTIONS = ['intake', 'propose', 'decide', 'verify', 'write', 'sweep', 'alert', 'publish'] as const
export type FunctionName = (typeof FUNCTIONS)[number]
