/** Which run of which tool made a call, from what records and texts show. */

export { PERSON_KINDS, RUN_FACTS, type Run, type RunFact, type RunPerson, type ShownRun } from './run.ts'
export { retryWords, runLine } from './run-line.ts'
export { RUN_HOSTS, runUrl, shownRun } from './shown-run.ts'
