CREATE INDEX "code_waits_next_at" ON "code_waits" USING btree ("next_at");--> statement-breakpoint
CREATE INDEX "codes_expires_at" ON "codes" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "password_tries_last_tried_at" ON "password_tries" USING btree ("last_tried_at") WHERE entered_at is null;--> statement-breakpoint
CREATE INDEX "password_tries_entered_at" ON "password_tries" USING btree ("entered_at") WHERE entered_at is not null;--> statement-breakpoint
CREATE INDEX "pending_authorizations_held_until" ON "pending_authorizations" USING btree ("held_until") WHERE held_until is not null;--> statement-breakpoint
CREATE INDEX "revocations_user_platform" ON "revocations" USING btree ("user_id","platform");--> statement-breakpoint
CREATE INDEX "send_decisions_alarmed_at" ON "send_decisions" USING btree ("alarmed_at") WHERE alarmed_at is not null;