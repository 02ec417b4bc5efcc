/** Where the state folder keeps the agreements of the demo's loans. */
export const DEMO_FILES = {
  /** To the borrower's own account. */
  direct: "demo-proposal.json",
  /** Through the institution's desk. */
  desk: "demo-desk-proposal.json",
} as const;
