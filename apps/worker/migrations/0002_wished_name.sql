-- The name in the wish that made the town: a town is renamed, and its wish may come again. Null in towns of before: there the name has to do.
ALTER TABLE towns ADD COLUMN wished_name TEXT;
