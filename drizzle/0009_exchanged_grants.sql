CREATE TABLE "ended_accounts" (
	"account_index" text PRIMARY KEY NOT NULL,
	"ended_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "pending_authorizations" ADD COLUMN "grant_sealed" text;--> statement-breakpoint
ALTER TABLE "pending_authorizations" ADD COLUMN "account_index" text;--> statement-breakpoint
ALTER TABLE "pending_authorizations" ADD COLUMN "tried" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "pending_authorizations" ADD COLUMN "request_id" text;--> statement-breakpoint
ALTER TABLE "revocations" ADD COLUMN "account_index" text;--> statement-breakpoint
CREATE INDEX "ended_accounts_ended_at" ON "ended_accounts" USING btree ("ended_at");--> statement-breakpoint
CREATE INDEX "pending_authorizations_account" ON "pending_authorizations" USING btree ("account_index") WHERE account_index is not null;--> statement-breakpoint
CREATE INDEX "revocations_account" ON "revocations" USING btree ("account_index") WHERE account_index is not null;--> statement-breakpoint
CREATE FUNCTION "revoke_abandoned_grant"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF tg_op = 'DELETE' AND EXISTS (
    SELECT FROM grants WHERE user_id = OLD.user_id AND platform = OLD.platform AND created_at = now()
  ) THEN
    -- Saved by this very transaction.
    RETURN NULL;
  END IF;
  IF OLD.grant_sealed IS NOT NULL AND OLD.tried THEN
    -- Whoever holds it may be about to get the grant.
    INSERT INTO revocations (id, user_id, platform, protocol, account_index, grant_sealed, request_id, next_attempt_at)
    VALUES (OLD.id, OLD.user_id, OLD.platform, OLD.protocol, OLD.account_index, OLD.grant_sealed, OLD.request_id, greatest(now(), OLD.held_until))
    ON CONFLICT (id) DO NOTHING;
  END IF;
  IF tg_op = 'DELETE' THEN
    RETURN NULL;
  END IF;
  -- The version before knows nothing of these columns.
  IF NEW.grant_sealed IS NOT DISTINCT FROM OLD.grant_sealed THEN
    NEW.grant_sealed := NULL;
    NEW.account_index := NULL;
    NEW.tried := false;
  END IF;
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "pending_authorizations_gone" AFTER DELETE ON "pending_authorizations"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.grant_sealed IS NOT NULL AND OLD.tried)
  EXECUTE FUNCTION "revoke_abandoned_grant"();--> statement-breakpoint
CREATE TRIGGER "pending_authorizations_replaced" BEFORE UPDATE OF "id" ON "pending_authorizations"
  FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id)
  EXECUTE FUNCTION "revoke_abandoned_grant"();
