/** Which run of which tool made a call, from what records and texts show. */
export { PERSON_KINDS, RUN_FACTS, type Run, type RunPerson } from './run.ts'
export { shownRun } from './shown-run.ts'
