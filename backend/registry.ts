import { healthRoutes } from "./modules/health/routes.ts";
import { loanRoutes } from "./modules/loans/routes.ts";
import { openapiRoutes } from "./modules/openapi/routes.ts";
import { poolRoutes } from "./modules/pools/routes.ts";
import { termsRoutes } from "./modules/terms/routes.ts";
import type { Route } from "./route.ts";

/** Every route there is. The router, the OpenAPI document and the fuzz tests are made from this list alone. */
export const routes: readonly Route[] = [
  ...loanRoutes,
  ...termsRoutes,
  ...poolRoutes,
  ...healthRoutes,
  ...openapiRoutes,
];
