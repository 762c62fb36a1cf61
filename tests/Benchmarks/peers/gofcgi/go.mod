module gofcgi

go 1.19
