/** Error codes by the names of their conditions: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const SQLSTATE = {
  protocolViolation: '08P01',
  featureNotSupported: '0A000',
  invalidTextRepresentation: '22P02',
  uniqueViolation: '23505',
  readOnlySqlTransaction: '25006',
  invalidSqlStatementName: '26000',
  invalidAuthorizationSpecification: '28000',
  prohibitedSqlStatementAttempted: '2F003',
  invalidCatalogName: '3D000',
  invalidSchemaName: '3F000',
  insufficientPrivilege: '42501',
  undefinedTable: '42P01',
  tooManyConnections: '53300',
  configurationLimitExceeded: '53400',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
} as const;
