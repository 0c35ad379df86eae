import { UsageError } from '../../functions/domain/base/errors.ts'
import type { Io } from '../io.ts'
import { CONFIG_CHECK_HELP } from './config-check.ts'

/** `rolemedic config` without `check`, which is all there is. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  if (args.length > 0 && !args.every(word => word === '--help' || word === '-h'))
    throw new UsageError('config takes "check" (rolemedic config --help)')
  io.out(CONFIG_CHECK_HELP)
  return 0
}
