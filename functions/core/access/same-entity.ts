const UNIQUE_ID = /^A[A-Z]{3}[A-Z0-9]{16,}$/

/** Ids are never given twice: another one under the same name is another principal. `denied` may carry a session's name. */
export function isAnother(denied: string | null, read: string | null): boolean {
  const [asked, now] = [denied?.split(':')[0] ?? '', read ?? '']
  return UNIQUE_ID.test(asked) && UNIQUE_ID.test(now) && asked !== now
}
