/** Sequences on a page: its payloads stay under 512 KiB, also where names are long. */
export const PAGE_SIZE = 2_000;
