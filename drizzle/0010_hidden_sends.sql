CREATE TABLE "hidden_sends" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"session_id_hash" text NOT NULL,
	"decision_id" bigint NOT NULL,
	"number_sealed" text NOT NULL,
	"language" text NOT NULL,
	"only_known" boolean NOT NULL,
	"network" text,
	"request_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "send_decisions" ADD COLUMN "reserve" smallint;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "solved_captcha" boolean;--> statement-breakpoint
CREATE INDEX "hidden_sends_due" ON "hidden_sends" USING btree ("next_attempt_at");--> statement-breakpoint
CREATE INDEX "hidden_sends_created_at" ON "hidden_sends" USING btree ("created_at");