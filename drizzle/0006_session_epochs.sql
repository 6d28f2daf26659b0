CREATE TABLE "recovery_slots" (
	"session_id_hash" text PRIMARY KEY NOT NULL,
	"phone_number_index" text NOT NULL,
	"account_id" uuid,
	"network" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"held_until" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "epoch" integer;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "session_epoch" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "recovery_slots_number" ON "recovery_slots" USING btree ("phone_number_index","created_at");--> statement-breakpoint
CREATE INDEX "recovery_slots_account" ON "recovery_slots" USING btree ("account_id") WHERE account_id is not null;--> statement-breakpoint
CREATE INDEX "recovery_slots_created_at" ON "recovery_slots" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "pending_authorizations_user_id" ON "pending_authorizations" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_account" ON "sessions" USING btree (coalesce(account_id, user_id)) WHERE (purpose <> 'recovery' or verified_at is not null);--> statement-breakpoint
-- For instances of the version before, which serve until all are replaced and know no epochs: a session that one of them opens is of its user's
-- current epoch. The version after this one drops both.
CREATE FUNCTION "set_session_epoch"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
begin
	new.epoch := (select session_epoch from users where id = coalesce(new.account_id, new.user_id));
	return new;
end $$;--> statement-breakpoint
CREATE TRIGGER "sessions_set_epoch" BEFORE INSERT ON "sessions" FOR EACH ROW WHEN (new.epoch IS NULL) EXECUTE FUNCTION "set_session_epoch"();
