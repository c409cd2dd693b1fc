-- How likely each tag of an item is (tag/tags.ts, SoftTags): lists are ordered by expected gain (readnext/expect.ts). Null of items off the
-- beat and of those related before; their tags count as sure until they are related again.
alter table glasnik.item_features add column soft jsonb;
