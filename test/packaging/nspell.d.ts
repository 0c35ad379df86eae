declare module 'nspell' {
  type Dictionary = { readonly aff: Uint8Array; readonly dic: Uint8Array }
  function nspell(dictionary: Dictionary): { correct(word: string): boolean }
  export = nspell
}
