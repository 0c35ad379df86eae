/** The compile cache of the process of the tests: a child with an environment of its own need not compile the same sources again. */
const folder = process.env['NODE_COMPILE_CACHE']

export const COMPILED: NodeJS.ProcessEnv = folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
