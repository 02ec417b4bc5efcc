drop table desk.terms_document;
revoke usage on schema desk from ahadi_backend;
