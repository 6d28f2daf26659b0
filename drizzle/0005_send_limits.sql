CREATE TABLE "send_denials" (
	"network" text NOT NULL,
	"country" text NOT NULL,
	"reason" text NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"attempts" integer NOT NULL,
	CONSTRAINT "send_denials_network_country_reason_hour_pk" PRIMARY KEY("network","country","reason","hour")
);
--> statement-breakpoint
ALTER TABLE "codes" ADD COLUMN "decision_id" bigint;--> statement-breakpoint
CREATE INDEX "send_denials_hour" ON "send_denials" USING btree ("hour");--> statement-breakpoint
CREATE INDEX "send_decisions_allowed" ON "send_decisions" USING btree ("created_at") WHERE outcome = 'allowed';--> statement-breakpoint
CREATE INDEX "send_decisions_network" ON "send_decisions" USING btree ("network","created_at") WHERE outcome = 'allowed';--> statement-breakpoint
CREATE INDEX "send_decisions_country" ON "send_decisions" USING btree ("country","created_at") WHERE outcome = 'allowed';--> statement-breakpoint
CREATE INDEX "send_decisions_not_entered" ON "send_decisions" USING btree ("country","created_at") WHERE outcome = 'allowed' and verified_at is null;--> statement-breakpoint
CREATE INDEX "send_decisions_named" ON "send_decisions" USING btree ("created_at") WHERE phone_number_index is not null;