import type { ThreatSection } from '../threat.ts'

export const SAME_LAPTOP = {
  who: 'Somebody on the same laptop',
  may: 'read files of the same machine, open its page in a browser, or write files and texts that are read there',
  threats: {
    P1: {
      what: 'reads the signing key, or puts one there that others can read',
      refuses: 'key files of mode 0600, or no start',
      remains: 'the same user: a laptop protects against others only',
    },
    P2: {
      what: 'packs gigabytes into a small gzip file',
      refuses: 'a hundred times the packed size, 500 MB at most',
      remains: null,
    },
    P3: {
      what: 'writes control characters and bidirectional marks into a name, to draw another screen',
      refuses: 'controls and bidirectional marks are shown as text or removed',
      remains: null,
    },
    P4: {
      what: 'writes C1 controls and bidirectional marks into an event that `--json` prints',
      refuses: 'JSON is printed with these as escapes (`json-text.ts`)',
      remains: null,
    },
    P5: {
      what: 'streams a small compressed plan that never ends',
      refuses: 'a plan may unpack to a hundred times its size',
      remains: null,
    },
    P6: {
      what: 'frames the local page, to have its buttons clicked',
      refuses: "`frame-ancestors 'none'`, and scripts from the page's own server only",
      remains: null,
    },
    P7: {
      what: 'posts megabytes to the local page',
      refuses: '1 MB',
      remains: null,
    },
    P8: {
      what: 'sends requests to the local page from another site, or by another host name',
      refuses: '`Origin` and `Host` must be those of the page',
      remains: 'programs of the same machine',
    },
  },
} as const satisfies ThreatSection
