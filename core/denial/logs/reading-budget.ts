/**
 * Decides which places of a log are parsed fully, so that a log full of beginnings of denials takes seconds, not minutes.
 *
 * The budget is limited per form of a sentence, so that a flood of one form does not hide another, and by position, so that the
 * start of a log leaves budget for its end. Sentences that name a role have a budget of their own.
 */
export type PlaceInLog = {
  readonly at: number
  /** The text of the place without names: equal for two lines of the same origin. */
  readonly form: string
  /** Places with an equal sentence are the same denial. Null: only parsing can tell. */
  readonly sentence: (() => string) | null
  /** True when it names a role after its action. */
  readonly isWhole: boolean
}

export type ReadPermission = 'read' | 'repeated' | 'skip'

/** Reads per kind of place. More than one further denial per 16 KB of a log is a flood. */
const READS = 1_500
const CHARS_PER_READ = 16_384
const READS_PER_FORM = 1_000
const PLACES_PER_FORM = 2_000
const MAX_FORMS = 2_000
/** More than one, because only some occurrence may name the call, and because the first ten lines are shown. */
const READS_PER_SENTENCE = 12

export function readingBudget(): (place: PlaceInLog) => ReadPermission {
  const forms = new Map<string, { places: number; reads: number }>()
  const sentences = new Map<string | null, number>()
  const reads = { whole: 0, part: 0, again: 0 }
  return ({ at, form, sentence, isWhole }) => {
    const kind = isWhole ? 'whole' : 'part'
    const name = forms.has(form) || forms.size < MAX_FORMS ? form : kind
    const ofForm = forms.get(name) ?? { places: 0, reads: 0 }
    forms.set(name, ofForm)
    ofForm.places += 1
    if (!isWhole && ofForm.places > PLACES_PER_FORM) return 'skip'
    const limit = READS + at / CHARS_PER_READ
    const key = sentence?.() ?? null
    const times = sentences.get(key) ?? 0
    if (times > 0) {
      if (times >= READS_PER_SENTENCE || reads.again >= limit) return 'repeated'
      reads.again += 1
      sentences.set(key, times + 1)
      return 'read'
    }
    if (ofForm.reads >= READS_PER_FORM || reads[kind] >= limit) return 'skip'
    ofForm.reads += 1
    reads[kind] += 1
    if (key !== null) sentences.set(key, 1)
    return 'read'
  }
}
