/** Remarks besides the diagnoses. */
import { plural } from '../../../core/base/index.ts'
import type { DiagnoseAnswer } from '../../use-cases/diagnose/diagnose.ts'

/** The JSON objects have no member for the line in the log, so a note lists the lines in the same order. */
export const placesNotes = ({ count, places }: Extract<DiagnoseAnswer, { kind: 'denials' }>): readonly string[] =>
  places.length === 0 ? [] : [`${plural(count, 'denial')}: ${places.join('; ')}`]

export const noneText = ({ why, decodable }: Extract<DiagnoseAnswer, { kind: 'none' }>): string =>
  `${why}${decodable ? ' (with --live, AWS decodes it)' : ''}`
