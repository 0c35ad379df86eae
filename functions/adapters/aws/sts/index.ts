/** Who asks, as AWS says. */

export { signCaller } from './signed-caller.ts'
