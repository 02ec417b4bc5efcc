import type { Detector } from "../detector.ts";
import { assembly } from "./assembly.ts";
import { delegateCall } from "./delegatecall.ts";
import { divideBeforeMultiply } from "./divide-before-multiply.ts";
import { missingAccess } from "./missing-access.ts";
import { neverWritten } from "./never-written.ts";
import { reentrancy } from "./reentrancy.ts";
import { timestampEquality } from "./timestamp-equality.ts";
import { txOrigin } from "./tx-origin.ts";
import { unboundedLoop } from "./unbounded-loop.ts";
import { uncheckedResult } from "./unchecked-result.ts";
import { unsafeCast } from "./unsafe-cast.ts";

export const detectors: readonly Detector[] = [
  reentrancy,
  missingAccess,
  uncheckedResult,
  divideBeforeMultiply,
  unsafeCast,
  unboundedLoop,
  neverWritten,
  timestampEquality,
  delegateCall,
  txOrigin,
  assembly,
];
