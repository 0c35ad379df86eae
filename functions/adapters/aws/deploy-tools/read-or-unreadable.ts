import { type Fact, known, unknown } from '../../../../core/base/index.ts'

/** Errors for refused or deleted resources make the result unknown. Any other error is a fault, and the event is retried. */
const UNREADABLE =
  /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|NotAuthorized|ValidationError|ValidationException|InvalidInputException|StackNotFoundException|StackSetNotFoundException|OperationNotFoundException|PipelineNotFoundException|PipelineExecutionNotFoundException|DeploymentDoesNotExistException|ServiceNotFoundException|ClusterNotFoundException|ResourceNotFoundException)$/

export async function readOrUnknown<T>(read: () => Promise<T>, what: string): Promise<Fact<T>> {
  try {
    return known(await read())
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    if (!UNREADABLE.test(name)) throw error
    return unknown(`${what} could not be read: ${error instanceof Error ? error.message : name}`)
  }
}
