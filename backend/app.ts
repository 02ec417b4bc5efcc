import type { Router } from "express";
import type { Pool } from "pg";
import { buildDocument } from "./modules/openapi/service.ts";
import { routes } from "./registry.ts";
import type { Context } from "./route.ts";
import { createRouter } from "./router.ts";

export interface ApiOptions {
  /** A pool of role `ahadi_backend` (`openPool` of platform/database.ts); the caller ends it. */
  readonly pool: Pool;
  /** `/readyz` says no when the mirror is more blocks behind the head than this. */
  readonly maxLagBlocks?: number;
  /** `/readyz` says no when the indexer has not seen the head for longer than this, in seconds. */
  readonly maxHeadAgeS?: number;
}

/**
 * The API as one Express router, to be mounted at the root of an app before the pages:
 *
 *     const app = express().disable("x-powered-by");
 *     app.use(createApi({ pool }));            // /v1/**, /healthz, /readyz, /openapi.json
 *     app.use(createPages({ apiUrl }));        // everything else, its own 404 page included
 *
 * It answers every request below /v1 and to its other paths, errors included, and leaves the rest to what is mounted
 * after it. It holds no state but the pool, so any number of processes may serve the same database.
 */
export function createApi({ pool, maxLagBlocks = 5, maxHeadAgeS = 15 }: ApiOptions): Router {
  let document: object | undefined;
  const context: Context = {
    pool,
    maxLagBlocks,
    maxHeadAgeS,
    document: () => {
      document ??= buildDocument(routes);
      return document;
    },
  };
  return createRouter(routes, context);
}
