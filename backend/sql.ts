/* Pieces of SQL that several statements share. Only fixed aliases are put in, never a value. */

/** A fact's origin as a JSON object, read back by `proofColumns`. */
export function proofObject(alias: string): string {
  return `json_build_object('block_number', ${alias}.block_number, 'block_hash', chain.hex(${alias}.block_hash),
    'tx_hash', chain.hex(${alias}.tx_hash), 'log_index', ${alias}.log_index)`;
}

/** The checkpoint as a JSON object, read back by `checkpointRow`. */
export function checkpointColumn(alias: string): string {
  return `json_build_object('block_number', ${alias}.block_number, 'block_hash', chain.hex(${alias}.block_hash),
    'block_time', ${alias}.block_time)`;
}
