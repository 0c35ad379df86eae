/** Asks `write`, and stores what was asked before it is sent: an answer is taken for this question alone. */
import { digestOf } from '../../core/base/index.ts'
import type { WriteAsk } from '../domain/authority/index.ts'
import { type Applying, askedOfWriter, type Reverting } from '../domain/proposal/index.ts'
import type { VerifyDeps } from './deps.ts'
import { type Lease, transition } from './lease.ts'

/** Asked so often without an answer, a person has to look. */
const SILENT_TIMES = 5

type Deps = Pick<VerifyDeps, 'store' | 'writer' | 'clock' | 'observer' | 'audit' | 'botVersion'>

export async function askWriter<P extends Applying | Reverting>(
  lease: Lease<P>,
  ask: WriteAsk,
  deps: Deps,
): Promise<'asked'> {
  const digest = digestOf(ask)
  const { asked } = lease.current
  await transition(lease, askedOfWriter<Applying | Reverting>(lease.current, digest, deps.clock()), deps)
  // The first that people signed, as in `openSpent`: of one proposal, nothing is written, resumed and ended at once.
  const group = lease.current.patch.changes.find(({ required }) => required)?.target.arn ?? ask.proposalId
  // A resume or a revert is asked the same way again until it is answered.
  const deduplicationId = ask.ask === 'write' ? digest : digestOf([digest, deps.clock()])
  await deps.writer.send(ask, { group, deduplicationId })
  deps.observer.log('info', 'writer_asked', { proposalId: ask.proposalId, ask: ask.ask })
  if (asked?.digest === digest && asked.times % SILENT_TIMES === 0) {
    deps.observer.log('error', 'writer_silent', { proposalId: ask.proposalId, ask: ask.ask, times: asked.times })
    deps.observer.count(ask.ask === 'take-away' ? 'RevertFailed' : 'ApplyFailed')
  }
  return 'asked'
}
