/**
 * Which places of a log are read whole, so that a log of nothing but beginnings of denials takes seconds, not minutes.
 *
 * Reading is limited for each form of a sentence, so that a flood of one form does not hide another, and by the position in the
 * text, so that the start of a log leaves time for its end. Sentences that name a role have a limit of their own.
 */
export type PlaceInLog = {
  readonly at: number
  /** What the place looks like without its names: equal for two lines of the same origin. */
  readonly form: string
  /** Two places with the same sentence say the same; null if it takes a reading to tell. */
  readonly sentence: (() => string) | null
  /** It names a role after its action. */
  readonly isWhole: boolean
}

export type ReadPermission = 'read' | 'repeated' | 'skip'

/** Per kind of place. A second denial for every sixteen kilobytes of a log is a flood. */
const READS = 1_500
const CHARS_PER_READ = 16_384
const READS_PER_FORM = 1_000
const PLACES_PER_FORM = 2_000
const MAX_FORMS = 2_000
/** The words around a sentence may name the call in one occurrence only, and the first ten lines are shown. */
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
