export { START as DESCRIPTION } from '../start/arguments.ts'
export { run } from '../start/main.ts'
