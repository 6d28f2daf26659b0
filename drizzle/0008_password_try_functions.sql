ALTER TABLE "password_tries" ADD COLUMN "share" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "password_tries" ADD COLUMN "share_blocks" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "password_tries" ADD COLUMN "share_round" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
-- One count of password tries: of a number from one network, or (network '') from all of them.
--
--   the row                                    becomes                     answer
--   none, or left alone for the longest block  tries 1, blocks 0           true
--   blocked                                    as it was                   false
--   its block is over                          tries 1, blocks as before   true
--   any other                                  tries + 1                   true
--
-- A try that makes it `most_tries` begins a block: the longer one, if it is the count's `most_blocks`th or later.
CREATE FUNCTION "count_password_try"(of_subject text, of_network text, most_tries integer, block_seconds integer,
  most_blocks integer, long_block_seconds integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  counted password_tries;
BEGIN
  LOOP
    SELECT * INTO counted FROM password_tries WHERE subject = of_subject AND network = of_network FOR UPDATE;
    EXIT WHEN FOUND;
    INSERT INTO password_tries (subject, network, tries) VALUES (of_subject, of_network, 0) ON CONFLICT DO NOTHING;
  END LOOP;
  IF counted.blocked_until > now() THEN
    RETURN false;
  END IF;
  IF counted.last_tried_at < now() - make_interval(secs => long_block_seconds) THEN
    counted.tries := 0;
    counted.blocks := 0;
  ELSIF counted.blocked_until IS NOT NULL THEN
    counted.tries := 0;
  END IF;
  counted.tries := counted.tries + 1;
  counted.blocked_until := NULL;
  IF counted.tries >= most_tries THEN
    counted.blocks := counted.blocks + 1;
    counted.blocked_until := now() + make_interval(
      secs => CASE WHEN counted.blocks >= most_blocks THEN long_block_seconds ELSE block_seconds END);
  END IF;
  UPDATE password_tries
  SET tries = counted.tries, blocks = counted.blocks, blocked_until = counted.blocked_until, last_tried_at = now()
  WHERE subject = of_subject AND network = of_network;
  RETURN true;
END $$;
--> statement-breakpoint
-- Counts a try for its network and then for all networks: every statement locks the two rows in this order. What its network may not try any more
-- isn't counted for all. Of what is counted for all, the network's row keeps its share: tries of the round that goes on, and rounds that were all its
-- own. `seconds`: until the longer of the two blocks is over.
CREATE FUNCTION "claim_password_try"(of_subject text, of_network text, most_tries integer, block_seconds integer,
  most_blocks integer, long_block_seconds integer,
  OUT network_counted boolean, OUT subject_counted boolean, OUT seconds integer) LANGUAGE plpgsql AS $$
DECLARE
  everywhere password_tries;
  round integer;
BEGIN
  network_counted := count_password_try(of_subject, of_network, most_tries, block_seconds, most_blocks, long_block_seconds);
  subject_counted := network_counted
    AND count_password_try(of_subject, '', most_tries, block_seconds, most_blocks, long_block_seconds);
  IF subject_counted THEN
    SELECT * INTO everywhere FROM password_tries WHERE subject = of_subject AND network = '';
    round := everywhere.blocks - (everywhere.blocked_until IS NOT NULL)::integer;
    UPDATE password_tries SET
      share = CASE WHEN share_round = round AND everywhere.tries > 1 THEN share + 1 ELSE 1 END,
      share_round = round
    WHERE subject = of_subject AND network = of_network;
    UPDATE password_tries SET share_blocks = share_blocks + 1
    WHERE subject = of_subject AND network = of_network AND everywhere.blocked_until IS NOT NULL AND share = everywhere.tries;
  ELSE
    SELECT ceil(extract(epoch FROM max(blocked_until) - now())) INTO seconds
    FROM password_tries WHERE subject = of_subject AND network IN ('', of_network) AND blocked_until > now();
  END IF;
END $$;
--> statement-breakpoint
-- Takes tries of a network back, and a block with them that wouldn't have come without.
--
-- `all_of_them`: the password was right. The network's row goes, and its share of the count over all networks. What others tried stays counted; under a
-- block that others had part in (the try itself wasn't `subject_counted`) all of it stays, so that nobody sees by the block's end that the owner came.
-- Otherwise it's the one try, which came to nothing.
CREATE FUNCTION "return_password_tries"(of_subject text, of_network text, subject_counted boolean, most_tries integer,
  all_of_them boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own password_tries;
  everywhere password_tries;
  is_of_round boolean;
  is_all_of_round boolean;
  returned_tries integer;
  returned_blocks integer := 0;
BEGIN
  SELECT * INTO own FROM password_tries WHERE subject = of_subject AND network = of_network FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT * INTO everywhere FROM password_tries WHERE subject = of_subject AND network = '' FOR UPDATE;
  is_of_round := coalesce(own.share_round = everywhere.blocks - (everywhere.blocked_until IS NOT NULL)::integer, false);
  is_all_of_round := is_of_round AND everywhere.blocked_until IS NOT NULL AND own.share = everywhere.tries;
  IF all_of_them THEN
    DELETE FROM password_tries WHERE subject = of_subject AND network = of_network;
    returned_tries := CASE WHEN is_of_round THEN own.share ELSE 0 END;
    returned_blocks := own.share_blocks - is_all_of_round::integer;
  ELSE
    returned_tries := subject_counted::integer;
    UPDATE password_tries SET
      tries = greatest(own.tries - 1, 0),
      blocks = own.blocks - (own.blocked_until IS NOT NULL)::integer,
      blocked_until = NULL,
      share = greatest(own.share - (subject_counted AND is_of_round)::integer, 0),
      share_blocks = own.share_blocks - (subject_counted AND is_all_of_round)::integer
    WHERE subject = of_subject AND network = of_network;
    DELETE FROM password_tries WHERE subject = of_subject AND network = of_network AND tries = 0 AND blocks = 0;
  END IF;
  IF everywhere.subject IS NULL OR NOT (subject_counted OR everywhere.blocked_until IS NULL
    OR returned_tries = everywhere.tries) THEN
    RETURN;
  END IF;
  everywhere.tries := greatest(everywhere.tries - returned_tries, 0);
  IF everywhere.blocked_until IS NOT NULL AND everywhere.tries < most_tries THEN
    everywhere.blocked_until := NULL;
    returned_blocks := returned_blocks + 1;
  END IF;
  everywhere.blocks := greatest(everywhere.blocks - returned_blocks, 0);
  IF everywhere.tries = 0 AND everywhere.blocks = 0 THEN
    DELETE FROM password_tries WHERE subject = of_subject AND network = '';
  ELSE
    UPDATE password_tries
    SET tries = everywhere.tries, blocks = everywhere.blocks, blocked_until = everywhere.blocked_until
    WHERE subject = of_subject AND network = '';
  END IF;
END $$;
