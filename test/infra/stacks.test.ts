/** One file for vitest: the CDK takes seconds to import, and every test file would import it again. */
import './flow.ts'
import './rights.ts'
import './settings.ts'
import './state.ts'
import './writer-role.ts'
