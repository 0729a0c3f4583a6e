/** The meaning of one kind of errors for the work in which they occur. */
export interface Kind {
  /** Whether the same work can succeed later although nobody changes anything. */
  retryable: boolean;
  /** `connection`: it affects every statement on this server, and the transaction is lost; `statement`: only this statement does. */
  scope: 'connection' | 'statement';
  /** A command to run or a setting to look at. */
  remedy: string;
  /** A pooler answered by itself, which says nothing about the server: it may be well, or dead. Absent for any other error. */
  isOfPooler?: true;
}
