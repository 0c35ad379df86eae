/** Reads the roles that a pattern matches today, and assesses what they lead to. */
import { assessSet, type JudgedSet, type SetQuestion } from '../../domain/grants/index.ts'
import type { AccessReader } from '../../ports/access-reader.ts'
import { gather, withSurroundings } from './gather-access.ts'

export type JudgeSet = (question: Omit<SetQuestion, 'snapshot'>) => Promise<JudgedSet>

export const judgeSetWith =
  (reader: AccessReader): JudgeSet =>
  async question => {
    const snapshot = await gather(question.proposal.denial, reader)
    const { members, refused } = await withSurroundings(seen => assessSet({ ...question, snapshot }, seen), reader)
    return { members, refused }
  }
