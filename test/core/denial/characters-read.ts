/** Work that no clock and no busy machine changes: how many characters a function reads of its texts. */

const { exec } = RegExp.prototype
const { includes, indexOf, lastIndexOf, replaceAll, slice, split } = String.prototype

/** Of regular expressions, which also `replace`, `test` and their kin run on, and of searches and copies of strings. */
export function charactersRead(work: () => unknown): number {
  let read = 0
  RegExp.prototype.exec = function (text) {
    const from = this.global || this.sticky ? this.lastIndex : 0
    const match = exec.call(this, text)
    if (match !== null) read += match.index + match[0].length - from + 1
    else read += this.sticky ? 1 : text.length - from
    return match
  }
  String.prototype.includes = function (...args) {
    read += this.length
    return includes.apply(this, args)
  }
  String.prototype.indexOf = function (sought, from = 0) {
    const at = indexOf.call(this, sought, from)
    read += (at === -1 ? this.length : at) - from + 1
    return at
  }
  String.prototype.lastIndexOf = function (sought, from) {
    const at = lastIndexOf.call(this, sought, from)
    read += Math.min(from ?? this.length, this.length) - at
    return at
  }
  String.prototype.replaceAll = function (...args: readonly unknown[]) {
    read += this.length
    return Reflect.apply(replaceAll, this, args)
  }
  String.prototype.slice = function (...args) {
    const part = slice.apply(this, args)
    read += part.length
    return part
  }
  String.prototype.split = function (separator: unknown, limit?: number) {
    read += this.length
    return Reflect.apply(split, this, [separator, limit])
  }
  try {
    work()
  } finally {
    RegExp.prototype.exec = exec
    Object.assign(String.prototype, { includes, indexOf, lastIndexOf, replaceAll, slice, split })
  }
  return read
}
