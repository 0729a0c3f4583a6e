import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES, SEARCHABLE, type Searchable } from '../contract/search-attributes.js';

const { INDEXED_VALUE_TYPE_KEYWORD: keyword } = proto.temporal.api.enums.v1.IndexedValueType;

/** Which of the search attributes of runs a namespace has. */
export interface RegisteredAttributes {
  /** Registered with the right type. */
  present: Searchable[];
  missing: Searchable[];
  /** Registered with another type. A run must not set them. */
  otherType: Searchable[];
}

/** A connection of a client or of a worker. */
interface Services {
  operatorService: proto.temporal.api.operatorservice.v1.OperatorService;
}

/**
 * Asks the server which search attributes the namespace has.
 *
 * @throws an error of gRPC, also if the server does not allow the question
 */
export async function readSearchAttributes(
  connection: Services,
  namespace: string,
): Promise<RegisteredAttributes> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const typeOf = (one: Searchable) => customAttributes[SEARCH_ATTRIBUTES[one]];
  return {
    present: SEARCHABLE.filter((one) => typeOf(one) === keyword),
    missing: SEARCHABLE.filter((one) => typeOf(one) === undefined),
    otherType: SEARCHABLE.filter((one) => typeOf(one) !== undefined && typeOf(one) !== keyword),
  };
}

/** @throws an error of gRPC, such as PERMISSION_DENIED if only an operator may register */
export async function registerSearchAttributes(
  connection: Services,
  namespace: string,
  which: readonly Searchable[],
): Promise<void> {
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(which.map((one) => [SEARCH_ATTRIBUTES[one], keyword])),
  });
}
