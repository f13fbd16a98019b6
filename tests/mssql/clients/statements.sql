CREATE TABLE of_tsql (k int PRIMARY KEY, p nvarchar(20))
INSERT INTO of_tsql VALUES (1, N'zwölf'), (2, NULL)
go
SELECT * FROM of_tsql
SELECT 'two results'
go
INSERT INTO of_tsql VALUES (1, N'again')
go
SELECT * FROM nix
go
BEGIN TRAN DELETE FROM of_tsql ROLLBACK SELECT COUNT(*) FROM of_tsql
go
