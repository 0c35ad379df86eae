/** The words that the terminal and a comment share. */
import { entityName } from '../../../core/iam/index.ts'
import { deniedWords } from '../../../functions/domain/deploy/index.ts'
import type { DeployCauseFound, ExplainDeployAnswer } from '../../use-cases/explain-deploy/explain-deploy.ts'

const ANSWERS_IN_WORDS: { readonly [answer in DeployCauseFound['answer']]: string } = {
  patch: 'a patch lifts it',
  retry: 'retry: nothing is to be changed',
  code: 'correct the code',
  missing: 'it does not exist',
  owner: 'somebody else decides',
  unknown: 'not known',
}

/** Contains outside text: escape it where it is shown. */
export function causeTitle({ kind, action, call = null, principal, resource }: DeployCauseFound): string {
  const role = resource === null ? 'a role that is not named' : entityName(resource)
  switch (kind) {
    case 'role-action':
      return `${principal ?? 'Somebody'} was denied ${action ?? 'an action'} on ${role}`
    case 'role-not-assumable':
      return `${principal ?? 'A service'} cannot assume ${role}`
    case 'service-linked-role':
      return `The service-linked role of ${principal ?? 'a service'}`
    case 'other-action':
      return deniedWords({ action, call, principal, resource })
  }
}

/** What follows from a cause. A permission that is none of ours is named, and no more. */
export const answerInWords = ({ kind, answer, isOpen }: DeployCauseFound): string =>
  kind === 'other-action' && answer === 'unknown' && isOpen !== true ? 'named, never patched' : ANSWERS_IN_WORDS[answer]

export function causePlace({ where, during }: DeployCauseFound): string {
  const { logicalId, line } = where
  const parts = [logicalId ?? '', line === null ? '' : `line ${line}`, during === 'operation' ? '' : `in the ${during}`]
  return parts.filter(part => part !== '').join(', ')
}

export function failureTitle({ run }: Pick<ExplainDeployAnswer, 'run'>): string {
  const { tool, name, status, accountId, region } = run
  const what = name === null ? `The deploy (${tool})` : `The deploy of ${name} (${tool})`
  const where = [status, accountId, region].filter(part => part !== null).join(', ')
  return `${what} failed${where === '' ? '' : `: ${where}`}`
}

/** Before the words of the tool. */
export const reasonTitle = ({ run }: Pick<ExplainDeployAnswer, 'run'>): string =>
  run.isUntold ? 'Why is not known. It says only:' : 'No permission explains it. In its own words:'
