CREATE TABLE "audit_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"event" text NOT NULL,
	"outcome" text NOT NULL,
	"user_id" uuid,
	"phone_number_index" text,
	"about" text,
	"request_id" text,
	"network" text,
	"keep_until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "code_waits" (
	"phone_number_index" text PRIMARY KEY NOT NULL,
	"sends" integer NOT NULL,
	"next_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "codes" (
	"session_id_hash" text PRIMARY KEY NOT NULL,
	"code_hash" text,
	"reference" text,
	"tries" integer DEFAULT 0 NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"platform" text NOT NULL,
	"protocol" text NOT NULL,
	"account_index" text NOT NULL,
	"grant_sealed" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "password_tries" (
	"subject" text NOT NULL,
	"network" text DEFAULT '' NOT NULL,
	"tries" integer NOT NULL,
	"blocks" integer DEFAULT 0 NOT NULL,
	"blocked_until" timestamp with time zone,
	"last_tried_at" timestamp with time zone DEFAULT now() NOT NULL,
	"entered_at" timestamp with time zone,
	CONSTRAINT "password_tries_subject_network_pk" PRIMARY KEY("subject","network")
);
--> statement-breakpoint
CREATE TABLE "pending_authorizations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"session_id_hash" text NOT NULL,
	"platform" text NOT NULL,
	"protocol" text NOT NULL,
	"pending_sealed" text NOT NULL,
	"next" text NOT NULL,
	"held_until" timestamp with time zone,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "revocations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"platform" text NOT NULL,
	"protocol" text NOT NULL,
	"grant_sealed" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now() NOT NULL,
	"held_until" timestamp with time zone,
	"last_error" text,
	"dead_at" timestamp with time zone,
	CONSTRAINT "revocations_attempts" CHECK ("revocations"."attempts" >= 0)
);
--> statement-breakpoint
CREATE TABLE "send_decisions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "send_decisions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"country" text NOT NULL,
	"network" text,
	"phone_number_index" text,
	"outcome" text NOT NULL,
	"reason" text,
	"attempts" integer DEFAULT 1 NOT NULL,
	"verified_at" timestamp with time zone,
	"alarmed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id_hash" text PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"account_id" uuid,
	"purpose" text NOT NULL,
	"user_agent_hash" text NOT NULL,
	"phone_number_index" text,
	"verified_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "signups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"phone_number_sealed" text NOT NULL,
	"name_sealed" text,
	"password_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"phone_number_index" text NOT NULL,
	"phone_number_sealed" text NOT NULL,
	"name_sealed" text,
	"password_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_login_at" timestamp with time zone,
	"previous_login_at" timestamp with time zone,
	CONSTRAINT "users_phone_number_index_unique" UNIQUE("phone_number_index")
);
--> statement-breakpoint
ALTER TABLE "codes" ADD CONSTRAINT "codes_session_id_hash_sessions_id_hash_fk" FOREIGN KEY ("session_id_hash") REFERENCES "public"."sessions"("id_hash") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pending_authorizations" ADD CONSTRAINT "pending_authorizations_session_id_hash_sessions_id_hash_fk" FOREIGN KEY ("session_id_hash") REFERENCES "public"."sessions"("id_hash") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_events_user_id" ON "audit_events" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "audit_events_keep_until" ON "audit_events" USING btree ("keep_until");--> statement-breakpoint
CREATE INDEX "audit_events_blocked" ON "audit_events" USING btree ("at") WHERE outcome = 'blocked';--> statement-breakpoint
CREATE UNIQUE INDEX "grants_platform_account" ON "grants" USING btree ("platform","account_index");--> statement-breakpoint
CREATE UNIQUE INDEX "grants_user_platform" ON "grants" USING btree ("user_id","platform");--> statement-breakpoint
CREATE UNIQUE INDEX "pending_authorizations_session_platform" ON "pending_authorizations" USING btree ("session_id_hash","platform");--> statement-breakpoint
CREATE INDEX "pending_authorizations_expires_at" ON "pending_authorizations" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "revocations_due" ON "revocations" USING btree ("next_attempt_at") WHERE dead_at is null;--> statement-breakpoint
CREATE INDEX "send_decisions_created_at" ON "send_decisions" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "send_decisions_number" ON "send_decisions" USING btree ("phone_number_index","created_at");--> statement-breakpoint
CREATE INDEX "send_decisions_verified" ON "send_decisions" USING btree ("country","created_at") WHERE verified_at is not null;--> statement-breakpoint
CREATE INDEX "sessions_user_id" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_account_id" ON "sessions" USING btree ("account_id") WHERE account_id is not null;--> statement-breakpoint
CREATE INDEX "sessions_created_at" ON "sessions" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "signups_created_at" ON "signups" USING btree ("created_at");