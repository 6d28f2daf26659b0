CREATE TABLE "limit_counts" (
	"name" text NOT NULL,
	"key" text DEFAULT '' NOT NULL,
	"hour_used" integer NOT NULL,
	"hour_ends_at" timestamp with time zone NOT NULL,
	"day_used" integer NOT NULL,
	"day_ends_at" timestamp with time zone NOT NULL,
	CONSTRAINT "limit_counts_name_key_pk" PRIMARY KEY("name","key")
);
--> statement-breakpoint
CREATE INDEX "limit_counts_day_ends_at" ON "limit_counts" USING btree ("day_ends_at");