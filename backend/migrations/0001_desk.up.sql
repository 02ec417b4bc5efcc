-- The desk: what the institution adds and the chain does not know. Nothing here can be rebuilt from the chain,
-- so everything here is in the backup.

-- Canonical terms of loans, addressed by their content: a row is only accepted when its hash is the document hash of
-- a mirrored loan. The hash is the authorisation, so no login is needed to hand a document in.
create table desk.terms_document (
  document_hash bytea primary key check (octet_length(document_hash) = 32),
  canonical text not null check (octet_length(canonical) between 2 and 65536),
  received_at timestamptz not null default now()
);

comment on table desk.terms_document is 'keccak256(utf8(canonical)) = document_hash; checked by the backend before it writes';

grant usage on schema desk to ahadi_backend;
-- No update and no delete: a document that was accepted is the one that was signed.
grant select, insert on desk.terms_document to ahadi_backend;
