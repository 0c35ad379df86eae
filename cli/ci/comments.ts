/** Comments on one pull request or merge request. */
export type Comments = {
  /** Replaces the comment that begins with `mark`, or adds one. */
  upsert(mark: string, body: string): Promise<'updated' | 'added'>
}
