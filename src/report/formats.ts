/** The formats of a report. */
export const FORMATS = ['md', 'html', 'json', 'csv'] as const;

export type Format = (typeof FORMATS)[number];
