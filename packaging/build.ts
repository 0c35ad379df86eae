/** `npm run build`. */
import { writePackage } from './package-files.ts'

await writePackage()
