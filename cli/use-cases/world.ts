/** What a use case reaches besides its question: files, the clock, the environment. It has no stream to print on. */
export type UseCaseWorld = {
  /** Decompresses gzip. Throws UsageError with one line for unreadable files. */
  readFile(path: string): Promise<string>
  /** The same a piece at a time, as UTF-8: for files that may be longer than a string. */
  readBytes(path: string): AsyncIterable<Uint8Array>
  /** Names in a folder; empty where there is none. */
  fileNames(folder: string): Promise<readonly string[]>
  /** Whether a file may be read at all; absent: every file may. */
  readonly allows?: (path: string) => boolean
  /** What is done at the moment, for a person who waits; null: nothing more. */
  progress(line: string | null): void
  readonly nowMs: () => number
  readonly env: { readonly [name: string]: string | undefined }
}

/** An input as text. `name`: the file, for messages; null: it is no file, such as standard input. */
export type NamedText = { readonly name: string | null; readonly text: string }

export const inputName = ({ name }: NamedText): string => name ?? 'standard input'
