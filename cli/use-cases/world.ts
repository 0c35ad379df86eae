/** What a use case can access besides its question: files, the clock, the environment. It cannot print. */
export type UseCaseWorld = {
  /** `-` is standard input. Decompresses gzip. Throws a UsageError of one line for an unreadable file. */
  readFile(path: string): Promise<string>
  /** Like `readFile` in pieces, as UTF-8, for files that may exceed a string. */
  readBytes(path: string): AsyncIterable<Uint8Array>
  /** When a file was written last. Null: not known. Absent: of no file. */
  writtenAtMs?(path: string): Promise<number | null>
  /** Names in a folder. Empty: there is no such folder. */
  fileNames(folder: string): Promise<readonly string[]>
  /** Whether a file may be read. Absent: every file may. */
  readonly allows?: (path: string) => boolean
  /** Shows the current work to a person who waits. Null: the work has ended. */
  progress(line: string | null): void
  readonly nowMs: () => number
  readonly env: { readonly [name: string]: string | undefined }
}

/** An input as text. `name`: the file, for messages. Null: not a file, such as standard input. */
export type NamedText = { readonly name: string | null; readonly text: string }

export const inputName = ({ name }: NamedText): string => name ?? 'standard input'
