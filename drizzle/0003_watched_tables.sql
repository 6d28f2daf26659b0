ALTER TABLE "revocations" ADD COLUMN "request_id" text;--> statement-breakpoint
CREATE INDEX "password_tries_blocked" ON "password_tries" USING btree ("blocked_until") WHERE blocked_until is not null;--> statement-breakpoint
CREATE INDEX "revocations_dead" ON "revocations" USING btree ("dead_at") WHERE dead_at is not null;